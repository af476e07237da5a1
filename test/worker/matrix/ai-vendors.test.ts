import { aiAnthropic } from "./clients/ai-anthropic.ts";
import { aiGoogle } from "./clients/ai-google.ts";
import { playMatrix } from "./matrix.ts";

playMatrix([aiAnthropic, aiGoogle]);
