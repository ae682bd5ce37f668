import type { InteractionTexts } from './interaction-texts.ts'

const ALREADY = { acknowledged: '확인', resolved: '해결' } as const

function lasted(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds < 60) return `${seconds}초`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}분`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}시간 ${Math.floor((seconds % 3_600) / 60)}분`
  return `${Math.floor(seconds / 86_400)}일`
}

const SILENCED = {
  '1h': '인시던트를 1시간 동안 무음으로 설정했습니다',
  '4h': '인시던트를 4시간 동안 무음으로 설정했습니다',
  '24h': '인시던트를 24시간 동안 무음으로 설정했습니다',
  'until-resolved': '인시던트를 해결될 때까지 무음으로 설정했습니다',
  off: '인시던트의 무음을 해제했습니다',
} as const

/** The words of Nunchi's answers in Slack, in Korean. */
export const KOREAN: InteractionTexts = {
  severity: { critical: '심각', error: '오류', warning: '경고', info: '정보', debug: '디버그', success: '정상' },
  status: { active: '진행 중', acknowledged: '확인됨', resolved: '해결됨' },
  silence: {
    '1h': '1시간',
    '4h': '4시간',
    '24h': '24시간',
    'until-resolved': '해결될 때까지',
    off: '무음 해제',
  },
  refused: {
    guest: '이 워크스페이스의 게스트는 인시던트를 처리할 수 없습니다. 정회원에게 요청하세요.',
    stranger:
      '이 워크스페이스의 구성원만 인시던트를 처리할 수 있습니다. 연결된 다른 조직의 사용자는 처리할 수 없습니다.',
    bot: '사람만 인시던트를 처리할 수 있습니다.',
    deleted: '비활성화된 계정은 인시던트를 처리할 수 없습니다.',
    'not-allowed': 'Nunchi 사용 권한이 없습니다. 관리자에게 이메일 주소 등록을 요청하세요.',
    'read-only': '인시던트를 볼 수는 있지만 처리할 수는 없습니다. 관리자에게 responder 역할을 요청하세요.',
    unknown: '누구인지 알 수 없어 아무것도 하지 않았습니다.',
  },
  lasted,
  already: (what, by, ago) => `${by} 님이 ${ago} 전에 이미 ${ALREADY[what]}했습니다.`,
  alreadyYou: (what, ago) => `${ago} 전에 직접 ${ALREADY[what]}했습니다.`,
  alreadySo: (name) => `${name} 인시던트는 이미 그 상태입니다.`,
  notFromHere: (name, status) => `${name} 인시던트는 '${status}' 상태이므로 지금은 할 수 없습니다.`,
  anotherIsOpen: (name) =>
    `같은 경보의 인시던트 ${name}, 이미 진행 중입니다. 그 인시던트에서 처리하거나 먼저 해결하세요.`,
  notFound: (name) => `인시던트 ${name}: 찾을 수 없습니다.`,
  tooLate: 'Slack은 3초 안에 창을 열어야 하는데 시간이 더 걸렸습니다. 다시 눌러 주세요.',
  couldNotCheck: 'Slack에서 사용자를 조회하지 못해 아무것도 하지 않았습니다. 다시 시도해 주세요.',
  couldNotOpen: (detail) => `창을 열지 못했습니다: ${detail}`,
  acknowledged: (name) => `${name} 인시던트를 확인했습니다.`,
  unacknowledged: (name) => `${name} 인시던트의 확인을 취소했습니다. 다시 대응이 필요합니다.`,
  resolved: (name) => `${name} 인시던트를 해결했습니다.`,
  reopened: (name) => `${name} 인시던트를 재개했습니다.`,
  assigned: (name) => `${name} 인시던트의 담당자가 되었습니다.`,
  silenced: (name, choice) => `${name} ${SILENCED[choice]}.`,
  severitySet: (name, severity) =>
    `${name} 인시던트의 심각도는 이제 '${severity}'입니다. 경보는 심각도를 올릴 수만 있고 내릴 수는 없습니다.`,
  moved: (name, channel) => `${name} 인시던트는 이제 ${channel} 채널에 표시됩니다.`,
  noted: (name) => `${name} 인시던트의 타임라인에 추가했습니다.`,
  declared: (name) => `${name} 인시던트를 열었습니다.`,
  nothingChanged: '변경된 내용이 없습니다.',
  button: {
    acknowledge: '확인',
    resolve: '해결',
    assignMe: '내가 담당',
    silence: '무음',
    reopen: '재개',
    more: '더 보기',
  },
  modal: {
    more: '인시던트 변경',
    declare: '인시던트 열기',
    addToTimeline: '타임라인에 추가',
    save: '저장',
    open: '열기',
    cancel: '취소',
    severity: '심각도',
    note: '메모',
    noteHint: '다른 사람이 알아야 할 내용입니다. 타임라인에 추가됩니다.',
    channel: '표시할 채널',
    byRules: '규칙에 따른 채널',
    undo: '실행 취소',
    unacknowledge: '확인 취소',
    title: '무엇이 고장 났나요',
    titleHint: '예: 서울 리전에서 결제가 느립니다',
    service: '서비스',
    incident: '인시던트',
    incidentHint: '예: INC-1042',
  },
  titleMissing: '무엇이 고장 났는지 적어 주세요.',
  titleTooLong: (most) => `${most}자 이내로 적어 주세요.`,
  incidentMissing: '인시던트 이름을 적어 주세요. 예: INC-1042',
  nobody: '없음',
  owner: (name) => `담당자: ${name}`,
  acknowledgedBy: (name, ago) => `${name} 님이 ${ago} 전에 확인`,
  lastActed: (name, ago) => `마지막 처리: ${name}, ${ago} 전`,
  firing: (firing, total) => `경보 ${total}개 중 ${firing}개 발생 중`,
  openSince: (ago) => `${ago}째 진행 중`,
  silencedFor: (left) => (left === null ? '해결될 때까지 무음' : `앞으로 ${left} 동안 무음`),
  timeline: '타임라인',
  noOpenIncidents: '진행 중인 인시던트가 없습니다.',
  noMorePages: '이 페이지에는 내용이 없습니다.',
  nextPage: (page) => `더 보기: /nunchi list ${page}`,
  home: {
    title: '인시던트',
    mine: '내 인시던트',
    nothingMine: '담당 중인 인시던트가 없습니다.',
    critical: '진행 중인 심각 인시던트',
    noCritical: '그 밖에 진행 중인 심각 인시던트가 없습니다.',
    more: (count) => `외 ${count}건`,
    hint: '이 페이지는 열 때와 처리할 때 새로 고쳐집니다. 명령은 /nunchi help 를 입력하면 볼 수 있습니다.',
  },
  whichIncident: (verb) => `어느 인시던트인가요? 예: /nunchi ${verb} INC-1042`,
  noteWithoutText: '메모할 내용을 적어 주세요. 예: /nunchi note INC-1042 롤백 중',
  silenceChoices: '얼마 동안인가요? 1h, 4h, 24h, until-resolved, off 중에서 고르세요. 예: /nunchi silence INC-1042 4h',
  help: [
    '/nunchi list: 진행 중인 인시던트 목록',
    '/nunchi show INC-1042: 인시던트와 타임라인 보기',
    '/nunchi ack INC-1042: 인시던트 확인',
    '/nunchi resolve INC-1042: 인시던트 해결. 뒤에 이유를 적을 수 있습니다',
    '/nunchi note INC-1042 내용: 타임라인에 메모 추가',
    '/nunchi silence INC-1042 4h: 무음 설정 (1h, 4h, 24h, until-resolved, off)',
    '/nunchi who INC-1042: 담당자와 마지막 처리자 보기',
    '/nunchi declare: 인시던트를 직접 열기',
    '인시던트 스레드에서 :memo: 로 시작하는 답글은 타임라인에 추가됩니다.',
  ],
}
