package io.pgnode.backup.schedule;

import io.pgnode.backup.core.BackupType;
import io.pgnode.os.Command;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Programs around each backup of the schedule; an empty list for none.
 *
 * @param before it; when it fails there is no backup
 * @param after one that is done
 * @param onFailure after one that is not: also when {@code before} failed, or it was stopped
 * @param limit of each, after which it is killed
 * @param stanza name of the cluster in the repositories
 * @param repositories numbers of those that the backup goes to
 */
public record BackupHooks(
        List<String> before,
        List<String> after,
        List<String> onFailure,
        Duration limit,
        String cluster,
        String member,
        String stanza,
        List<Integer> repositories) {
    /** Secrets of our configuration, which may be given in the environment. */
    private static final Pattern SECRET =
            Pattern.compile("PGPASSWORD|PGNODE_.*(PASSWORD|PASS|SECRET|TOKEN|KEY)");

    public BackupHooks {
        before = List.copyOf(before);
        after = List.copyOf(after);
        onFailure = List.copyOf(onFailure);
        repositories = List.copyOf(repositories);
    }

    public boolean isEmpty() {
        return before.isEmpty() && after.isEmpty() && onFailure.isEmpty();
    }

    /** Which of them, with its name for logs and for the program. */
    enum Event {
        BEFORE("before"),
        AFTER("after"),
        ON_FAILURE("on-failure");

        private final String text;

        Event(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    List<String> words(Event event) {
        return switch (event) {
            case BEFORE -> before;
            case AFTER -> after;
            case ON_FAILURE -> onFailure;
        };
    }

    /**
     * The program with its facts as {@code BACKUP_…} in the environment. The prefix is not ours, so
     * that a program that runs us again does not seem to configure us.
     *
     * @param result {@code done}, {@code failed} or {@code stopped}; empty before the backup
     * @param label of what was stored; empty for nothing
     * @param error why there is no backup; empty for no error
     */
    Command command(
            Event event,
            BackupType type,
            long epoch,
            String result,
            String label,
            String error,
            Map<String, String> inherited) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("BACKUP_EVENT", event.text());
        facts.put("BACKUP_TYPE", type.text());
        facts.put("BACKUP_RESULT", result);
        facts.put("BACKUP_LABEL", label);
        facts.put("BACKUP_ERROR", error);
        facts.put(
                "BACKUP_REPO",
                repositories.stream().map(String::valueOf).collect(Collectors.joining(",")));
        facts.put("BACKUP_STANZA", stanza);
        facts.put("BACKUP_CLUSTER", cluster);
        facts.put("BACKUP_MEMBER", member);
        facts.put("BACKUP_EPOCH", Long.toString(epoch));
        Command command = Command.of(words(event));
        facts.forEach((name, value) -> command.env(name, value.replace('\0', ' ')));
        inherited.keySet().stream().filter(BackupHooks::isSecret).forEach(command::withoutEnv);
        return command;
    }

    static boolean isSecret(String variable) {
        return SECRET.matcher(variable).matches();
    }
}
