import type { texts as english } from "../en/sessions.ts";
import type { Same } from "../keys.ts";

export const texts: Same<typeof english> = {
  title: "智能体会话",
  lead: "客户端以 x-gaia-session 标明的每个会话的用量与费用，含总计与按模型的明细。",
  sort: { label: "排序", recent: "最新优先", cost: "费用最高优先" },
  columns: {
    session: "会话",
    last: "最近请求",
    models: "模型",
    requests: "请求数",
    errors: "错误",
    tokens: "令牌",
    cache: "缓存占比",
    length: "时长",
    cost: "费用",
  },
  requests: { one: "{{ count }} 条请求", other: "{{ count }} 条请求" },
  estimated: {
    one: "{{ count }} 条请求为估算：提供商未给出数据。",
    other: "{{ count }} 条请求为估算：提供商未给出数据。",
  },
  open: "在日志中查看其请求",
  byModel: "按模型的费用",
  figures: "数据",
  keys: "使用的密钥",
  first: "首条请求",
  average: "平均耗时",
  input: "输入（未缓存）",
  cacheRead: "读取缓存",
  cacheWrite: "写入缓存",
  output: "输出",
  reasoning: "其中推理",
  empty: "此时间段内没有会话",
  emptyHint: "Claude Code 和 Codex 会自动标明会话；其他客户端请发送 x-gaia-session 请求头。",
  tooLong: "会话最多按 32 天的时间段查询。",
};
