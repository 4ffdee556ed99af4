package io.pgnode.backup.schedule.core;

import java.time.Instant;

/**
 * A full backup that is to be made whatever the cron lines say.
 *
 * @param since when it was asked for: the slot that it is for
 * @param why such as the recovery that made it necessary
 */
public record WantedBackup(Instant since, String why) {}
