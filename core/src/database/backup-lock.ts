/**
 * Key of the advisory lock that backups share from the copy of the rows to that of the stream: meanwhile no block that the
 * rows know may leave the stream. Who takes blocks away holds it alone.
 */
export const backupLock = "audit backup";
