import { anthropic } from "./clients/anthropic.ts";
import { google } from "./clients/google.ts";
import { playMatrix } from "./matrix.ts";

playMatrix([anthropic, google]);
