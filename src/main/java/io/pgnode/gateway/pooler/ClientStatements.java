package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.core.PreparedCommand;
import io.pgnode.gateway.pooler.core.Replies;
import io.pgnode.gateway.pooler.core.SessionSettings;
import io.pgnode.net.Chunk;
import io.pgnode.wire.Frames;
import io.pgnode.wire.FrontendMessages;
import io.pgnode.wire.FrontendTag;
import io.pgnode.wire.ProtocolViolation;
import org.jspecify.annotations.Nullable;

/**
 * The prepared statements of one client, whichever server it has: messages that name them are
 * written with the names that they have on servers, and a server that lacks one gets it first.
 * Confined to the client's loop.
 */
final class ClientStatements {
    private final Pooler pooler;
    private final PoolMode mode;
    private final SessionSettings settings;
    private final StatementTable table;
    private final ClientMeter meter;
    private final RequestBuffer requests;
    private final StatementTable.Names names = new StatementTable.Names();
    private final UnnamedStatement unnamed = new UnnamedStatement();

    /** By EXECUTE, which is SQL. */
    private @Nullable Statement lastExecuted;

    /**
     * @param settings of the client
     * @param table of its loop
     * @param requests where messages are written
     */
    ClientStatements(
            Pooler pooler,
            PoolMode mode,
            SessionSettings settings,
            StatementTable table,
            ClientMeter meter,
            RequestBuffer requests) {
        this.pooler = pooler;
        this.mode = mode;
        this.settings = settings;
        this.table = table;
        this.meter = meter;
        this.requests = requests;
    }

    /** How many the client has. */
    int size() {
        return names.size();
    }

    /** Whether messages of this type may name one. */
    static boolean isNaming(byte tag) {
        return switch (tag) {
            case FrontendTag.PARSE, FrontendTag.BIND, FrontendTag.DESCRIBE, FrontendTag.CLOSE ->
                    true;
            default -> false;
        };
    }

    /**
     * Writes {@code [run, end)}, of which the last message begins at {@code at}, with our own names
     * of statements.
     *
     * @return up to where that is done; the rest goes as it came
     */
    int rewrite(ServerSession to, byte tag, Chunk in, int run, int at, int end)
            throws ProtocolViolation {
        switch (tag) {
            case FrontendTag.BIND -> {
                return bind(to, in, run, at, end);
            }
            case FrontendTag.DESCRIBE -> {
                return describe(to, in, run, at, end);
            }
            case FrontendTag.PARSE -> {
                requests.add(to, in, run, at);
                parse(to, in, at, end);
            }
            case FrontendTag.QUERY -> {
                requests.add(to, in, run, at);
                query(to, in, at, end);
            }
            default -> {
                requests.add(to, in, run, at);
                close(to, in, at, end);
            }
        }
        return end;
    }

    /**
     * Writes {@code [run, name)}, and then the name that the statement has on servers in place of
     * the client's, into the message that begins at {@code at}.
     *
     * @return where the client's name ends, from where on the message is right as it came
     */
    private int rename(
            ServerSession to,
            Chunk in,
            int run,
            int at,
            int name,
            int nameEnd,
            Statement statement) {
        byte[] ours = statement.name();
        requests.add(to, in, run, at);
        Chunk out = requests.to(to);
        int length = out.to() + 1;
        out.add(in, at, name).add(ours);
        out.set(length, in.intAt(at + 1) + ours.length - (nameEnd - name));
        return nameEnd;
    }

    /**
     * A look at the first letters: PREPARE, EXECUTE and DEALLOCATE are to be read as a whole. True
     * also when too little has come to tell.
     */
    boolean mayNameStatement(Chunk in, int at, int end, long size) {
        if (!isMapped() || size > pooler.limits().maxRewritten()) {
            return false;
        }
        int text = at + Frames.HEADER;
        if (end <= text) {
            return true;
        }
        return switch (in.at(text)) {
            case ' ', '\n', '\t', '\r', '/', '-' -> true;
            case 'P', 'p' -> goesOn(in, text + 1, end, 'r', 'e');
            case 'E', 'e' -> goesOn(in, text + 1, end, 'x', 'e');
            case 'D', 'd' -> goesOn(in, text + 1, end, 'e', 'a');
            default -> false;
        };
    }

    private static boolean goesOn(Chunk in, int at, int end, char second, char third) {
        return at >= end
                || lower(in, at) == second && (at + 1 >= end || lower(in, at + 1) == third);
    }

    private static int lower(Chunk in, int at) {
        return in.at(at) | 0x20;
    }

    private void query(ServerSession to, Chunk in, int at, int end) throws ProtocolViolation {
        int text = at + Frames.HEADER;
        if (LinkSettings.isMarked(in.bytes(), text, end)) {
            LinkSettings.read(in.bytes(), text, end, settings, to.settings(), to.defaults());
            to.replies().add(Replies.QUERY);
            requests.add(to, in, at, end);
            return;
        }
        PreparedCommand command =
                PreparedCommand.parse(
                                Frames.text(
                                        in.bytes(), text, ChunkFrames.endOfString(in, text, end)))
                        .orElse(null);
        Statement known = command == null ? null : names.find(table.probe(), command.name());
        if (command == null || known == null && command.kind() != PreparedCommand.Kind.PREPARE) {
            to.replies().add(Replies.QUERY);
            requests.add(to, in, at, end);
            return;
        }
        Statement statement =
                known == null
                        ? table.find(Statement.ofSql(command.before(), command.after()))
                        : known;
        switch (command.kind()) {
            case PREPARE -> {
                if (known == null) {
                    forget(to, statement);
                    names.put(table.probe(), command.name(), statement);
                } else {
                    ensure(to, statement); // and so this one fails as it must
                }
                to.statements().add(statement);
            }
            case EXECUTE -> {
                ensure(to, statement);
                lastExecuted = statement;
            }
            case DEALLOCATE -> {
                ensure(to, statement);
                to.statements().remove(statement.id());
                names.remove(table.probe(), command.name());
            }
        }
        boolean begins = known == null;
        evict(to); // before the query: a Close alone is answered only with whatever comes next
        String sql = command.withName(statement.text());
        requests.to(to).add(out -> FrontendMessages.query(out, sql));
        to.replies().add(Replies.QUERY, begins ? statement.id() : 0);
    }

    /** The server must not have the statement. */
    private void forget(ServerSession to, Statement statement) {
        if (to.statements().has(statement)) {
            to.statements().remove(statement.id());
            requests.to(to)
                    .add(out -> FrontendMessages.query(out, "DEALLOCATE " + statement.text()));
            to.replies().add(Replies.QUERY | Replies.SWALLOW);
        }
    }

    private boolean isMapped() {
        return mode != PoolMode.SESSION && pooler.limits().maxPrepared() > 0;
    }

    private void parse(ServerSession to, Chunk in, int at, int end) throws ProtocolViolation {
        int name = at + Frames.HEADER;
        int nameEnd = ChunkFrames.endOfString(in, name, end);
        meter.clientParse();
        if (nameEnd == name || !isMapped()) {
            if (isMapped()) {
                unnamed.prepared(to, in, at, end);
            }
            meter.serverParse();
            to.replies().add(Replies.PARSE, isMapped() ? UnnamedStatement.ID : 0);
            requests.add(to, in, at, end);
            return;
        }
        ChunkFrames.endOfString(in, nameEnd + 1, end);
        Statement known = names.find(table.probe(), in, name, nameEnd);
        Statement statement = known == null ? table.find(in, nameEnd + 1, end) : known;
        if (known == null && to.statements().has(statement)) {
            to.replies().add(Replies.PARSE | Replies.FAKE, statement.id());
        } else {
            // A name that the client has already fails as it must: the server has ours, too.
            ensure(to, known);
            meter.serverParse();
            writePrepare(to, statement);
            to.replies().add(Replies.PARSE, known == null ? statement.id() : 0);
            if (!to.replies().isSkipping()) {
                to.statements().add(statement);
            }
        }
        if (known == null && !to.replies().isSkipping()) {
            names.put(table.probe(), in, name, nameEnd, statement);
        }
        evict(to);
    }

    /** The server must have the statement before it is used. */
    private void ensure(ServerSession to, @Nullable Statement statement) {
        if (statement == null || to.statements().has(statement)) {
            return;
        }
        meter.serverParse();
        writePrepare(to, statement);
        if (statement.isSql()) {
            to.replies().add(Replies.QUERY | Replies.SWALLOW, statement.id());
        } else {
            to.replies().add(Replies.PARSE | Replies.SWALLOW, statement.id());
        }
        if (!to.replies().isSkipping()) {
            to.statements().add(statement);
        }
        evict(to);
    }

    private void ensureUnnamed(ServerSession to) {
        if (unnamed.isMissing(to)) {
            meter.serverParse();
            unnamed.prepare(to, requests.to(to));
        }
    }

    private void writePrepare(ServerSession to, Statement statement) {
        if (to.statements().mayHaveOthers() && !to.statements().has(statement)) {
            closeOnServer(to, statement);
        }
        requests.to(to).add(statement::writePrepare);
    }

    private void evict(ServerSession to) {
        if (to.replies().isSkipping()) {
            return; // nor would it close anything
        }
        Statement oldest = to.statements().evict(pooler.limits().maxPrepared());
        if (oldest != null) {
            closeOnServer(to, oldest);
        }
    }

    /** To close what is not there is no error. */
    private void closeOnServer(ServerSession to, Statement statement) {
        requests.to(to).add(out -> FrontendMessages.closeStatement(out, statement.name()));
        to.replies().add(Replies.CLOSE | Replies.SWALLOW, statement.id());
    }

    private int bind(ServerSession to, Chunk in, int run, int at, int end)
            throws ProtocolViolation {
        int portalEnd = ChunkFrames.endOfString(in, at + Frames.HEADER, end);
        int name = portalEnd + 1;
        int nameEnd = ChunkFrames.endOfString(in, name, end);
        meter.bind();
        if (nameEnd == name) {
            requests.add(to, in, run, at);
            ensureUnnamed(to);
            to.replies().add(Replies.BIND);
            return at;
        }
        Statement statement = names.find(table.probe(), in, name, nameEnd);
        if (statement == null) {
            to.replies().add(Replies.BIND);
            return run;
        }
        int left = ensure(to, statement, in, run, at);
        to.replies().add(Replies.BIND, statement.id());
        return rename(to, in, left, at, name, nameEnd, statement);
    }

    /** The same, after what came before that; returns where the rest begins. */
    private int ensure(ServerSession to, Statement statement, Chunk in, int run, int at) {
        if (to.statements().has(statement)) {
            return run;
        }
        requests.add(to, in, run, at);
        ensure(to, statement);
        return at;
    }

    private int describe(ServerSession to, Chunk in, int run, int at, int end)
            throws ProtocolViolation {
        int kind = at + Frames.HEADER;
        int nameEnd = ChunkFrames.endOfString(in, kind + 1, end);
        if (in.at(kind) == 'S' && nameEnd == kind + 1) {
            requests.add(to, in, run, at);
            ensureUnnamed(to);
            to.replies().add(Replies.DESCRIBE);
            return at;
        }
        Statement statement =
                in.at(kind) == 'S'
                        ? names.find(table.probe(), in, kind + 1, nameEnd)
                        : null; // a portal
        if (statement == null) {
            to.replies().add(Replies.DESCRIBE);
            return run;
        }
        int left = ensure(to, statement, in, run, at);
        to.replies().add(Replies.DESCRIBE, statement.id());
        return rename(to, in, left, at, kind + 1, nameEnd, statement);
    }

    private void close(ServerSession to, Chunk in, int at, int end) throws ProtocolViolation {
        int kind = at + Frames.HEADER;
        int nameEnd = ChunkFrames.endOfString(in, kind + 1, end);
        boolean mapped = isMapped() && in.at(kind) == 'S' && nameEnd > kind + 1;
        if (!mapped) {
            to.replies().add(Replies.CLOSE);
            requests.add(to, in, at, end);
            return;
        }
        if (!to.replies().isSkipping()) {
            names.remove(table.probe(), in, kind + 1, nameEnd);
        }
        to.replies().add(Replies.CLOSE | Replies.FAKE);
    }

    /** A Parse of ours did not happen. */
    void dropped(long id) {
        names.remove(id);
    }

    /** The server dropped all of them. */
    void clear() {
        names.clear();
    }

    /**
     * The server says that a statement's result has changed: it is prepared anew, now or when it is
     * used the next time.
     *
     * @return whether what failed is being repeated
     */
    boolean renew(ServerSession to, boolean isWhole) throws ProtocolViolation {
        Statement stale = to.statements().find(to.replies().failed());
        if (stale == null) {
            if (lastExecuted != null) {
                table.renew(lastExecuted);
            }
            return false;
        }
        table.renew(stale);
        if (!isWhole || to.status() != 'I' || !requests.isRepeatable(to.replies())) {
            return false;
        }
        meter.serverParse();
        requests.repeat(to, table::renew);
        return true;
    }
}
