import { InvalidArgumentError } from "commander";

/** A place in the log, as an option gives it. @throws InvalidArgumentError for none */
export function placeOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("it is a whole number from 0.");
}
