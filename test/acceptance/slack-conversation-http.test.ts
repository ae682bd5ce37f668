import { describeConversation } from './slack-conversation.ts'

describeConversation('http')
