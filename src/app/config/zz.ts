import {configJsonSchema} from './config-json-schema.ts'
import {readConfig} from '../config.ts'
import {describeConfig} from './describe-config.ts'
console.log(JSON.stringify(configJsonSchema(),null,1).slice(0,6000))
const r=readConfig({workingFolder:'/w',env:{NUNCHI_CONFIG:'n.yaml',SLACK_BOT_TOKEN:'xoxb-1',SLACK_CHANNEL:'C0123456789',NUNCHI_INGEST_TOKEN:'t'},overrides:{PORT:'80'},readFile:()=>`
sources: [{name: am-eu, kind: alertmanager, correlation: {fields: [a b, c]}}]
apiKeys: [{name: x, key: 01234567890123456789012345678901, scopes: [read, respond]}]
alertWait: 90s`})
console.log(r.ok?describeConfig(r.config):r.problems, r.warnings)
