package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.pgnode.gateway.pooler.core.PoolServer;
import io.pgnode.gateway.pooler.core.Replies;
import io.pgnode.gateway.pooler.core.SessionSettings;
import io.pgnode.net.Chunk;
import io.pgnode.net.Inlet;
import io.pgnode.net.Outlet;
import io.pgnode.wire.BackendTag;
import io.pgnode.wire.CancelKey;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.Frames;
import io.pgnode.wire.ProtocolViolation;
import io.pgnode.wire.SqlState;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A logged-in server connection. While a client has it, what the server sends goes to the client in
 * the chunks it came in; only headers are looked at. Confined to its event loop.
 */
final class ServerSession extends Inlet {
    /** No single message that must be looked at as a whole is longer. */
    private static final int MAX_INSPECTED = 1 << 20;

    /** As much as is usually asked at once; what is larger is not kept. */
    private static final int REQUEST = 512;

    private static final int MAX_REQUEST = 8 * REQUEST;

    private static final byte[] DISCARD_ALL = "DISCARD ALL\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DEALLOCATE_ALL =
            "DEALLOCATE ALL\0".getBytes(StandardCharsets.US_ASCII);

    private final Pooler pooler;
    private final Channel channel;
    private final Outlet outlet;
    private final PoolServer<ServerSession> seat;
    private final CancelKey cancelKey;
    private final boolean isLink;
    private final Replies replies = new Replies();
    private final SessionSettings settings;
    private final SessionSettings defaults = new SessionSettings();
    private final ServerStatements statements = new ServerStatements();
    private final Replies.Dropped dropped = this::dropped;
    private final ServerCleanup cleanup;

    private @Nullable ClientSession client;
    private @Nullable Chunk partial;
    private @Nullable Chunk request;
    private int passing;
    private char status = 'I';
    private boolean isCopyIn;
    private boolean isClosing;
    private String closeReason = "server conn crashed?";

    /**
     * @param isLink it is another pooler
     * @param settings what the server reported at its login
     */
    ServerSession(
            Pooler pooler,
            Channel channel,
            PoolServer<ServerSession> seat,
            CancelKey cancelKey,
            boolean isLink,
            SessionSettings settings) {
        this.pooler = pooler;
        this.channel = channel;
        this.outlet = new Outlet(channel);
        this.seat = seat;
        this.cancelKey = cancelKey;
        this.isLink = isLink;
        this.settings = settings;
        this.defaults.become(settings);
        this.cleanup = new ServerCleanup(pooler, this);
    }

    /** Whether it is a pooler, which has servers of its own. */
    boolean isLink() {
        return isLink;
    }

    /** Whether what it sends is read for now. */
    void read(boolean on) {
        read(channel, on);
    }

    /** The server expects copy data from the client. */
    boolean isCopyIn() {
        return isCopyIn;
    }

    ServerCleanup cleanup() {
        return cleanup;
    }

    boolean isClosing() {
        return isClosing;
    }

    Channel channel() {
        return channel;
    }

    Outlet outlet() {
        return outlet;
    }

    PoolServer<ServerSession> seat() {
        return seat;
    }

    CancelKey cancelKey() {
        return cancelKey;
    }

    Replies replies() {
        return replies;
    }

    SessionSettings settings() {
        return settings;
    }

    SessionSettings defaults() {
        return defaults;
    }

    ServerStatements statements() {
        return statements;
    }

    char status() {
        return status;
    }

    void link(@Nullable ClientSession to) {
        client = to;
    }

    /** A chunk for what the client asks: always the same one, unless that is still in use. */
    Chunk emptyRequest() {
        Chunk mine = request;
        if (mine != null && (mine.capacity() > MAX_REQUEST || !mine.isUnique())) {
            request = null;
            mine.release();
            mine = null;
        }
        if (mine == null) {
            mine = Chunk.create(REQUEST);
            if (!channel.isActive()) {
                return mine;
            }
            request = mine;
        }
        return mine.clear().retain();
    }

    private @Nullable UnnamedStatement unnamed;
    private long unnamedVersion;
    private long unnamedQueries;

    /** Whether its unnamed statement is this one. */
    boolean isUnnamed(UnnamedStatement statement, long version) {
        return unnamed == statement
                && unnamedVersion == version
                && unnamedQueries == replies.queries();
    }

    void losesUnnamed() {
        unnamed = null;
    }

    /** Until the next simple query, which ends every unnamed statement. */
    void hasUnnamed(UnnamedStatement statement, long version) {
        unnamed = statement;
        unnamedVersion = version;
        unnamedQueries = replies.queries();
    }

    private int cancels;
    private boolean isParked;

    /** A cancel request for the present client is under way: nobody else may get this server. */
    void holdForCancel() {
        cancels++;
    }

    /** Cancel requests under way. */
    int cancels() {
        return cancels;
    }

    /** Nobody has it, and nobody may have it yet. */
    boolean isParked() {
        return isParked;
    }

    void cancelDone() {
        cancels--;
        if (cancels > 0 || isClosing) {
            return;
        }
        if (isParked) {
            isParked = false;
            pooler.release(this);
        } else {
            cleanup.cancelsDone();
        }
    }

    private @Nullable Runnable lateCancel;

    /**
     * A cancel request must not hit a query of ours, which the client does not know of: it waits
     * until that is answered.
     */
    void cancelLater(Runnable done) {
        Runnable earlier = lateCancel;
        lateCancel = done;
        if (earlier != null) {
            earlier.run();
        }
    }

    private void cancelNow() {
        Runnable done = lateCancel;
        if (done != null) {
            lateCancel = null;
            pooler.cancel(this, done);
        }
    }

    /** Free, but a cancel request may still hit it: kept from everybody until that is done. */
    boolean parkWhileCancelled() {
        isParked = cancels > 0;
        return isParked;
    }

    /** Nobody may use it any more; the pools hear of it when the channel is closed. */
    void close(String why) {
        if (!isClosing) {
            isClosing = true;
            closeReason = why;
            var _ = channel.close();
        }
    }

    /** It is not where its clients should be any more: what goes on here ends. */
    void outdated() {
        ClientSession user = client;
        if (user != null && !isClosing) {
            user.fail(
                    ErrorMessage.fatal(
                            SqlState.ADMIN_SHUTDOWN,
                            "terminating connection because another member serves from now on"));
        }
    }

    /** Cuts the link at once; the client is told why. */
    void sever(ErrorMessage told) {
        ClientSession user = client;
        client = null;
        close(told.message());
        if (user != null) {
            user.severed(passing > 0, told);
        }
    }

    /** Closes politely: the server must not wait for more. */
    void terminate(String why) {
        if (!isClosing) {
            isClosing = true;
            closeReason = why;
            ByteBuf out = channel.alloc().buffer(8);
            io.pgnode.wire.FrontendMessages.terminate(out);
            channel.writeAndFlush(out).addListener(io.netty.channel.ChannelFutureListener.CLOSE);
        }
    }

    /** A request that concerns a prepared statement did not happen. */
    private void dropped(int kind, long id) {
        if (kind == (Replies.CLOSE | Replies.SWALLOW)) {
            statements.keepsClosed();
            return;
        }
        if (id == UnnamedStatement.ID) {
            unnamed = null; // it may have another one's
            return;
        }
        if ((kind & Replies.FAKE) == 0) {
            statements.remove(id);
        }
        ClientSession user = client;
        if (user != null && (kind & Replies.SWALLOW) == 0) {
            user.statements().dropped(id);
        }
    }

    // ---------------------------------------------------------------- what the server sends

    @Override
    protected void received(Chunk chunk) {
        Chunk begun = partial;
        if (begun == null) {
            scan(chunk);
        } else {
            partial = null;
            scan(begun.add(chunk, chunk.from(), chunk.to()));
            begun.release();
        }
    }

    private void scan(Chunk in) {
        try {
            int at = scanned(in);
            if (at < in.to() && !isClosing) {
                partial = Chunk.create(Math.max(in.to() - at, 64)).add(in, at, in.to());
            }
        } catch (ProtocolViolation e) {
            close("server sent nonsense: " + e.getMessage());
        }
    }

    /** Passes on what has come; returns where that begins what is to be looked at once more. */
    private int scanned(Chunk in) throws ProtocolViolation {
        ClientSession to = client;
        int run = in.from();
        int at = run;
        int end = in.to();
        while (at < end) {
            if (passing > 0) {
                int now = Math.min(passing, end - at);
                at += now;
                passing -= now;
                continue;
            }
            if (end - at < Frames.HEADER) {
                break;
            }
            byte tag = in.at(at);
            long size = ChunkFrames.size(in, at, Integer.MAX_VALUE);
            boolean whole = size <= end - at;
            if (!whole && mustBeWhole(tag)) {
                if (size > MAX_INSPECTED) {
                    throw new ProtocolViolation("message too long");
                }
                break;
            }
            Replies.Verdict verdict = replies.on(tag, dropped);
            int next = (int) Math.min(at + size, end);
            if (tag == BackendTag.COPY_IN_RESPONSE) {
                isCopyIn = true;
                cleanup.copyBegan();
            } else if (tag == BackendTag.PARAMETER_STATUS) {
                parameterStatus(in.bytes(), at + Frames.HEADER, next);
            } else if (tag == BackendTag.READY_FOR_QUERY) {
                status = (char) in.at(at + Frames.HEADER);
                isCopyIn = false;
            } else if (tag == BackendTag.COMMAND_COMPLETE) {
                noteCommand(in, at + Frames.HEADER, next);
            } else if (tag == BackendTag.ERROR_RESPONSE
                    && verdict != Replies.Verdict.UNEXPECTED
                    && to != null
                    && to.noteError(in.bytes(), at + Frames.HEADER, next)) {
                verdict = Replies.Verdict.SWALLOW;
            }
            switch (verdict) {
                case FORWARD, READY -> {
                    passing = (int) (at + size - next);
                    at = next;
                }
                case SWALLOW, SWALLOW_READY -> {
                    forward(to, in, run, at);
                    at = next;
                    run = next;
                }
                case UNEXPECTED -> {
                    forward(to, in, run, at);
                    unexpected(in, at, tag, next);
                    return end;
                }
            }
            if (to != null && replies.isFakeNext()) {
                forward(to, in, run, at);
                run = at;
                to.answerFakes(replies);
            }
            if (verdict == Replies.Verdict.SWALLOW_READY && to != null) {
                to.settled(replies.takeError());
                cancelNow();
                to = client;
            } else if (tag == BackendTag.READY_FOR_QUERY && replies.isEmpty() && to == null) {
                run = at;
                cleanup.ready(status);
                to = client;
            } else if (to != null && tag == BackendTag.READY_FOR_QUERY && replies.isEmpty()) {
                forward(to, in, run, at);
                run = at;
                to.ready(this, status);
                to = client;
            } else if (to != null && tag == BackendTag.READY_FOR_QUERY) {
                to.between();
            }
        }
        forward(to, in, run, at);
        return at;
    }

    private boolean mustBeWhole(byte tag) {
        return switch (tag) {
            case BackendTag.READY_FOR_QUERY,
                    BackendTag.PARAMETER_STATUS,
                    BackendTag.ERROR_RESPONSE,
                    BackendTag.COMMAND_COMPLETE ->
                    true;
            default -> replies.isSwallowing() || client == null;
        };
    }

    /** After DISCARD ALL and DEALLOCATE ALL the server has no prepared statement any more. */
    private void noteCommand(Chunk in, int from, int end) {
        if (in.is(DISCARD_ALL, from, end) || in.is(DEALLOCATE_ALL, from, end)) {
            statements.clear();
            ClientSession user = client;
            if (user != null) {
                user.statements().clear();
            }
        }
    }

    private static void forward(@Nullable ClientSession to, Chunk in, int from, int end) {
        if (to != null && end > from) {
            to.forward(in, from, end);
        }
    }

    private void parameterStatus(ByteBuf in, int from, int end) throws ProtocolViolation {
        int nameEnd = Frames.endOfString(in, from, end);
        int valueEnd = Frames.endOfString(in, nameEnd + 1, end);
        String name = Frames.text(in, from, nameEnd);
        String value = Frames.text(in, nameEnd + 1, valueEnd);
        settings.put(name, value);
        ClientSession user = client;
        if (user != null && !replies.isSwallowing()) {
            user.settings().put(name, value);
        }
    }

    private void unexpected(Chunk in, int at, byte tag, int end) throws ProtocolViolation {
        if (tag == BackendTag.ERROR_RESPONSE) {
            // It ends by itself, and says why: whoever has it hears just that.
            ErrorMessage error = ErrorMessage.read(in.bytes(), at + Frames.HEADER, end);
            sever(ErrorMessage.fatal(error.sqlState(), error.message()));
            return;
        }
        String what = "unexpected message '" + (char) tag + "'";
        close(client == null ? what : "server out of step: " + what);
    }

    @Override
    protected void receivedAll() {
        ClientSession to = client;
        if (to != null) {
            to.outlet().flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        ClientSession from = client;
        if (from != null) {
            from.serverWritable(channel.isWritable());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        isClosing = true;
        Chunk rest = partial;
        if (rest != null) {
            partial = null;
            rest.release();
        }
        Chunk mine = request;
        if (mine != null) {
            request = null;
            mine.release();
        }
        ClientSession user = client;
        client = null;
        cleanup.end();
        cancelNow();
        pooler.serverGone(this, closeReason);
        if (user != null) {
            user.serverLost(passing > 0, closeReason);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        close("server connection failed: " + cause.getMessage());
    }
}
