import { program } from "./program.ts";
import { tellFailure } from "./terminal/tell-failure.ts";

await program().parseAsync().catch(tellFailure);
