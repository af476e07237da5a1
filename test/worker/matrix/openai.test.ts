import { openaiChat } from "./clients/openai-chat.ts";
import { openaiResponses } from "./clients/openai-responses.ts";
import { playMatrix } from "./matrix.ts";

playMatrix([openaiChat, openaiResponses]);
