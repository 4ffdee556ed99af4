package io.pgnode.backup.restore.core;

import io.pgnode.postgres.core.ConfigText;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the restored server is told of its recovery: settings of postgresql.auto.conf, which win
 * over those of postgresql.conf, and a signal file.
 *
 * @param standby it stays one; otherwise it recovers to its target and then does what the action
 *     says
 * @param restoreCommand that fetches WAL, with {@code %f} and {@code %p}
 * @param archiveModeOff it must not archive: a copy beside the original
 * @param extra further settings, by name
 */
public record RecoverySettings(
        RestoreTarget target,
        TargetTimeline timeline,
        TargetAction action,
        boolean standby,
        String restoreCommand,
        boolean archiveModeOff,
        Map<String, String> extra) {
    private static final Pattern SETTING = Pattern.compile("\\s*([A-Za-z_][A-Za-z0-9_.$]*).*");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.$]*");

    public RecoverySettings {
        extra = Map.copyOf(new TreeMap<>(extra));
        if (restoreCommand.isBlank()) {
            throw new IllegalArgumentException("a restore needs a restore_command");
        }
        extra.keySet()
                .forEach(
                        name -> {
                            if (!NAME.matcher(name).matches()) {
                                throw new IllegalArgumentException(
                                        "not the name of a parameter: \"" + name + "\"");
                            }
                        });
    }

    /** The file that tells the server to recover: there must be only this one of the two. */
    public String signalFile() {
        return standby ? "standby.signal" : "recovery.signal";
    }

    /** The other one, which must not be there. */
    public String otherSignalFile() {
        return standby ? "recovery.signal" : "standby.signal";
    }

    /** The settings in the order of the file. */
    public Map<String, String> settings() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("restore_command", restoreCommand);
        switch (target) {
            case RestoreTarget.End _ -> {}
            case RestoreTarget.Immediate _ -> all.put("recovery_target", "immediate");
            case RestoreTarget.Time time -> {
                all.put("recovery_target_time", time.text());
                inclusive(all, time.inclusive());
            }
            case RestoreTarget.Xid xid -> {
                all.put("recovery_target_xid", Long.toUnsignedString(xid.xid()));
                inclusive(all, xid.inclusive());
            }
            case RestoreTarget.Position position -> {
                all.put("recovery_target_lsn", position.lsn().toString());
                inclusive(all, position.inclusive());
            }
            case RestoreTarget.Name name -> all.put("recovery_target_name", name.name());
        }
        if (!(target instanceof RestoreTarget.End)) {
            all.put("recovery_target_action", action.text());
        }
        all.put("recovery_target_timeline", effectiveTimeline().text());
        if (archiveModeOff) {
            all.put("archive_mode", "off");
        }
        all.putAll(new TreeMap<>(extra));
        return all;
    }

    /**
     * A backup is consistent on its own timeline: another one could only lead away from the target.
     */
    public TargetTimeline effectiveTimeline() {
        return target instanceof RestoreTarget.Immediate
                        && timeline instanceof TargetTimeline.Latest
                ? new TargetTimeline.Current()
                : timeline;
    }

    private static void inclusive(Map<String, String> all, boolean inclusive) {
        all.put("recovery_target_inclusive", inclusive ? "on" : "off");
    }

    /** The text of postgresql.auto.conf: what the backup had, less old targets, and these. */
    public String autoConf(String old) {
        Map<String, String> mine = settings();
        StringBuilder text = new StringBuilder();
        old.lines()
                .filter(line -> !isReplaced(line, mine.keySet()))
                .filter(line -> !line.equals(HEADER))
                .forEach(line -> text.append(line).append('\n'));
        text.append(HEADER).append('\n');
        mine.forEach(
                (name, value) ->
                        text.append(name)
                                .append(" = ")
                                .append(ConfigText.quote(value))
                                .append('\n'));
        return text.toString();
    }

    private static final String HEADER = "# Recovery settings of a restore by pgnode";

    private static boolean isReplaced(String line, Set<String> mine) {
        Matcher setting = SETTING.matcher(line);
        if (!setting.matches()) {
            return false;
        }
        String name = setting.group(1).toLowerCase(Locale.ROOT);
        return name.startsWith("recovery_target")
                || name.equals("restore_command")
                || name.equals("standby_mode")
                || mine.contains(name);
    }
}
