package io.pgnode.model;

/** Name of a member, unique in its cluster: {@code <cluster>-<seq>}, such as {@code pg-test-1}. */
public record MemberName(String value) implements Comparable<MemberName> {
    /** PostgreSQL truncates application_name at 63 bytes, and we match on it. */
    public static final int MAX_LENGTH = 63;

    public MemberName {
        if (!isValid(value)) {
            throw new IllegalArgumentException(
                    "member name must be 1.."
                            + MAX_LENGTH
                            + " characters of [a-zA-Z0-9._-], was \""
                            + value
                            + "\"");
        }
    }

    public static boolean isValid(String value) {
        if (value.isEmpty() || value.length() > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean allowed =
                    c >= 'a' && c <= 'z'
                            || c >= 'A' && c <= 'Z'
                            || c >= '0' && c <= '9'
                            || c == '.'
                            || c == '_'
                            || c == '-';
            if (!allowed) {
                return false;
            }
        }
        return true;
    }

    /**
     * The physical replication slot of this member, by Patroni's rule: lower case, {@code -} and
     * {@code .} become {@code _}, anything else {@code uNNNN}, at most 63 characters.
     */
    public String slotName() {
        StringBuilder slot = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = Character.toLowerCase(value.charAt(i));
            if (c == '-' || c == '.') {
                slot.append('_');
            } else if (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_') {
                slot.append(c);
            } else {
                slot.append("u%04d".formatted((int) c));
            }
        }
        return slot.length() > MAX_LENGTH ? slot.substring(0, MAX_LENGTH) : slot.toString();
    }

    @Override
    public int compareTo(MemberName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
