package io.pgnode.gateway.pooler.hba;

import java.util.List;
import java.util.regex.Pattern;

/** The databases or the users of a line. */
public record NameList(List<Name> names) {
    /** One of them. */
    sealed interface Name {
        record All() implements Name {}

        /** A database with the name of the user. */
        record SameUser() implements Name {}

        /** Replication connections, whatever their database. */
        record Replication() implements Name {}

        record Literal(String name) implements Name {}

        /** Written {@code /pattern}; need not match the whole name. */
        record Matching(Pattern pattern) implements Name {}
    }

    public NameList {
        names = List.copyOf(names);
    }

    boolean hasReplication() {
        return names.stream().anyMatch(Name.Replication.class::isInstance);
    }

    boolean contains(String name, String user) {
        for (Name wanted : names) {
            boolean fits =
                    switch (wanted) {
                        case Name.All _ -> true;
                        case Name.SameUser _ -> name.equals(user);
                        case Name.Replication _ -> false;
                        case Name.Literal literal -> literal.name().equals(name);
                        case Name.Matching matching -> matching.pattern().matcher(name).find();
                    };
            if (fits) {
                return true;
            }
        }
        return false;
    }
}
