package io.pgnode.dcs.embedded;

/** Why the store refused a request; nothing has changed. */
public final class KvException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The reason, as etcd distinguishes them. */
    public enum Kind {
        LEASE_NOT_FOUND("requested lease not found"),
        LEASE_EXISTS("lease already exists"),
        KEY_NOT_FOUND("key not found"),
        DUPLICATE_KEY("duplicate key given in txn request"),
        COMPACTED("mvcc: required revision has been compacted"),
        FUTURE_REVISION("mvcc: required revision is a future revision");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** etcd's words after {@code etcdserver: }. */
        public String text() {
            return text;
        }
    }

    private final Kind kind;

    public KvException(Kind kind) {
        super("etcdserver: " + kind.text(), null, false, false);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
