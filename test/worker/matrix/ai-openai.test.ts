import { aiOpenaiChat } from "./clients/ai-openai-chat.ts";
import { aiOpenaiResponses } from "./clients/ai-openai-responses.ts";
import { playMatrix } from "./matrix.ts";

playMatrix([aiOpenaiChat, aiOpenaiResponses]);
