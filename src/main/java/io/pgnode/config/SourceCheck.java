package io.pgnode.config;

import io.pgnode.config.BootstrapConfig.SourceConfig;
import java.util.Optional;

/** The other cluster whose backups a new one begins with. */
final class SourceCheck {
    /** The value of {@code bootstrap.method} that it is for. */
    static final String METHOD = "repository";

    private static final String AT = "bootstrap.source";

    private SourceCheck() {}

    static void run(PgnodeConfig config, Findings findings) {
        BootstrapConfig bootstrap = config.bootstrap();
        boolean isUsed =
                bootstrap.method().equals(METHOD) && !bootstrap.methods().containsKey(METHOD);
        if (!isUsed) {
            unused(bootstrap, findings);
            return;
        }
        SourceConfig source = bootstrap.source();
        if (source.stanza().isEmpty() && !findings.isBroken(AT + ".stanza")) {
            findings.add(
                    "bootstrap.method",
                    AT + ".stanza is missing",
                    "the name of the other cluster in its repository");
        }
        source.stanza().ifPresent(name -> BackupCheck.stanza(AT + ".stanza", name, findings));
        String place = BackupCheck.place(AT + ".repository", source.repository(), findings);
        if (!place.isEmpty()) {
            ours(config, place, findings);
        }
        target(source, findings);
        if (!source.targetTimeline().matches("latest|current|[1-9][0-9]{0,8}")) {
            findings.add(
                    AT + ".target-timeline",
                    AT
                            + ".target-timeline is \""
                            + source.targetTimeline()
                            + "\", must be latest, current or a number",
                    "");
        }
    }

    /** By the key that every source has; others have defaults, which may be written down. */
    private static void unused(BootstrapConfig bootstrap, Findings findings) {
        bootstrap
                .source()
                .stanza()
                .ifPresent(
                        _ ->
                                findings.add(
                                        AT + ".stanza",
                                        AT
                                                + ".stanza has no effect: bootstrap.method is "
                                                + bootstrap.method(),
                                        "add bootstrap.method: " + METHOD + ", or remove it"));
    }

    /** Two clusters in one stanza would overwrite each other's timelines. */
    private static void ours(PgnodeConfig config, String place, Findings findings) {
        Optional<String> own = config.backup().stanza().or(config::cluster);
        boolean isSameStanza = own.isPresent() && own.equals(config.bootstrap().source().stanza());
        config.backup()
                .repositories()
                .forEach(
                        (number, repository) -> {
                            if (isSameStanza && BackupCheck.placeOf(repository).equals(place)) {
                                findings.add(
                                        AT + ".stanza",
                                        AT
                                                + " is stanza "
                                                + own.get()
                                                + " at "
                                                + place
                                                + ", as is backup.repositories."
                                                + number,
                                        "the new cluster needs a stanza of its own: give"
                                                + " backup.stanza another name");
                            }
                        });
    }

    private static void target(SourceConfig source, Findings findings) {
        String key = AT + ".target";
        String type = ValueTypes.spelling(source.targetType());
        String shape =
                switch (source.targetType()) {
                    case DEFAULT, IMMEDIATE -> "";
                    case TIME -> "[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}.*";
                    case XID -> "[0-9]{1,20}";
                    case LSN -> "[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}";
                    case NAME -> ".{1,63}";
                };
        if (shape.isEmpty()) {
            if (source.target().isPresent()) {
                findings.add(
                        key,
                        key + " is given, but " + AT + ".target-type is " + type,
                        "say what it is: time, xid, lsn or name");
            }
            return;
        }
        if (source.target().isEmpty()) {
            if (!findings.isBroken(key)) {
                findings.add(
                        AT + ".target-type",
                        key + " is missing: " + AT + ".target-type is " + type,
                        "");
            }
        } else if (!source.target().get().matches(shape)) {
            findings.add(
                    key, key + " is \"" + source.target().get() + "\", which is no " + type, "");
        }
        if (source.targetExclusive() && source.targetType() == SourceConfig.TargetType.NAME) {
            findings.add(
                    AT + ".target-exclusive",
                    AT + ".target-exclusive has no effect with a name",
                    "remove it");
        }
    }
}
