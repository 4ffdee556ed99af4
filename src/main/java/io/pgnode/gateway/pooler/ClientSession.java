package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.pgnode.gateway.pooler.core.Pool;
import io.pgnode.gateway.pooler.core.PoolClient;
import io.pgnode.gateway.pooler.core.PoolServer;
import io.pgnode.gateway.pooler.core.Refusal;
import io.pgnode.gateway.pooler.core.Replies;
import io.pgnode.gateway.pooler.core.SessionSettings;
import io.pgnode.net.Chunk;
import io.pgnode.net.Inlet;
import io.pgnode.net.Outlet;
import io.pgnode.wire.BackendMessages;
import io.pgnode.wire.BackendTag;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.Frames;
import io.pgnode.wire.FrontendMessages;
import io.pgnode.wire.FrontendTag;
import io.pgnode.wire.ProtocolViolation;
import io.pgnode.wire.SqlState;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client after its login. What it sends is held back until it has a server, and then forwarded in
 * the chunks it came in; only messages that name prepared statements are written anew. Confined to
 * its event loop.
 *
 * <p>What was held back never left us: it may be sent to any server later. What was sent is never
 * sent again.
 */
final class ClientSession extends Inlet {
    /** A server that takes longer to answer to a check is closed, and another one is taken. */
    private static final int CHECK_SECONDS = 5;

    /** As much of a request as usually waits for a server. */
    private static final int SPARE = 512;

    /** A client that sends more than this while it waits for a server is not read any further. */
    private static final int MAX_HELD = 64 * 1024;

    private final Pooler pooler;
    private final Channel channel;
    private final Outlet outlet;
    private final PoolClient<ClientSession> seat;
    private final Entrance.Visit visit;
    private Pool<ClientSession, ServerSession> pool;
    private final PoolMode mode;
    private final SessionSettings settings;
    private final RequestBuffer requests = new RequestBuffer();
    private final ClientStatements statements;
    private final long cancelKey;
    private final long connectedNanos;
    private final ClientMeter meter;

    private @Nullable ServerSession server;
    private @Nullable Chunk held;
    private @Nullable Chunk spare;

    private int passing;
    private long dropping;
    private int place;
    private boolean saidGoodbye;
    private boolean isClosed;

    /** As far as this session itself is concerned. */
    private boolean isWilling = true;

    /**
     * No server for us yet. The pools know this, too, but they may give us one on another loop's
     * thread at any moment, and until we have heard of it we wait.
     */
    private boolean isWaiting;

    /** A server has accepted our settings once: they may be sent together with a query. */
    private boolean isProven;

    private boolean isProving;

    /** Our settings are on their way, and nothing else may be. */
    private boolean isSettling;

    private @Nullable ErrorMessage lastError;

    /** Why the server ends, which it said in answer to a request of ours. */
    private @Nullable ErrorMessage untoldEnd;

    /** The server itself told the client that the connection ends. */
    private boolean isToldOfEnd;

    ClientSession(
            Pooler pooler,
            Channel channel,
            int loop,
            Entrance.Visit visit,
            Pool<ClientSession, ServerSession> pool,
            PoolMode mode,
            SessionSettings settings,
            StatementTable table,
            long cancelKey,
            ClientMeter meter) {
        this.pooler = pooler;
        this.channel = channel;
        this.outlet = new Outlet(channel);
        this.seat = new PoolClient<>(this, loop);
        this.visit = visit;
        this.pool = pool;
        this.mode = mode;
        this.settings = settings;
        this.cancelKey = cancelKey;
        this.connectedNanos = System.nanoTime();
        this.meter = meter;
        this.statements = new ClientStatements(pooler, mode, settings, table, meter, requests);
    }

    ClientStatements statements() {
        return statements;
    }

    Channel channel() {
        return channel;
    }

    /** Where {@link LoopClients} keeps it. */
    int place() {
        return place;
    }

    void place(int now) {
        place = now;
    }

    Outlet outlet() {
        return outlet;
    }

    PoolClient<ClientSession> seat() {
        return seat;
    }

    Pool<ClientSession, ServerSession> pool() {
        return pool;
    }

    Entrance.Visit visit() {
        return visit;
    }

    /** From now on its servers come from there. */
    void pool(Pool<ClientSession, ServerSession> other) {
        pool = other;
    }

    SessionSettings settings() {
        return settings;
    }

    long cancelKey() {
        return cancelKey;
    }

    ClientMeter meter() {
        return meter;
    }

    long connectedNanos() {
        return connectedNanos;
    }

    @Nullable ServerSession server() {
        return server;
    }

    // ---------------------------------------------------------------- what the client sends

    @Override
    protected void received(Chunk chunk) {
        meter.received(chunk.length());
        if (isClosed) {
            return;
        }
        boolean mayGoOn = !(isWaiting || isMoving || isSettling || isResting);
        if (held == null && mayGoOn) {
            int rest = process(chunk);
            if (rest < chunk.to() && !isClosed) {
                held = empty(chunk.to() - rest).add(chunk, rest, chunk.to());
            }
            return;
        }
        if (held == null) {
            held = empty(chunk.length());
        }
        held.add(chunk, chunk.from(), chunk.to());
        if (mayGoOn) {
            processHeld();
        } else if (held.length() > MAX_HELD) {
            isWilling = false;
            read(channel, false);
        }
    }

    private void processHeld() {
        Chunk in = held;
        if (in == null) {
            return;
        }
        held = null;
        int rest = process(in);
        if (rest == in.from() && !isClosed) {
            held = in;
            return;
        }
        if (rest < in.to() && !isClosed) {
            held = empty(in.to() - rest).add(in, rest, in.to());
        }
        release(in);
    }

    /** Something to hold bytes in; small ones are used again and again. */
    private Chunk empty(int length) {
        Chunk mine = spare;
        if (mine == null || length > SPARE || !mine.isUnique()) {
            return Chunk.create(Math.max(length, SPARE));
        }
        spare = null;
        return mine.clear();
    }

    /** The bytes that were held went on, or are not wanted any more. */
    private void release(Chunk in) {
        if (spare == null && in.capacity() == SPARE && !isClosed) {
            spare = in;
        } else {
            in.release();
        }
    }

    /**
     * Sends what may be sent.
     *
     * @return where that begins what is to be held back
     */
    private int process(Chunk in) {
        try {
            return scan(in);
        } catch (ProtocolViolation e) {
            fail(ErrorMessage.fatal(SqlState.PROTOCOL_VIOLATION, e.getMessage()));
            return in.to();
        }
    }

    @Override
    protected void receivedAll() {
        flushServer();
    }

    private void flushServer() {
        ServerSession to = server;
        if (to != null) {
            requests.flush(to);
        }
    }

    private int scan(Chunk in) throws ProtocolViolation {
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
            if (dropping > 0) {
                int now = (int) Math.min(dropping, end - at);
                at += now;
                dropping -= now;
                run = at;
                continue;
            }
            if (end - at < Frames.HEADER) {
                break;
            }
            byte tag = in.at(at);
            long size = ChunkFrames.size(in, at, pooler.limits().maxMessage());
            if (!FrontendTag.isKnown(tag)) {
                throw new ProtocolViolation("unknown message type");
            }
            if (tag == FrontendTag.TERMINATE) {
                addRequests(in, run, at);
                leave();
                return end;
            }
            meter.message(tag);
            ServerSession to = server;
            if (to == null) {
                if (isCopy(tag) || skipUntil != 0) {
                    // The server failed the COPY already, and its error is on the way.
                    skip(tag);
                    dropping = size;
                    run = at;
                    continue;
                }
                to = acquire();
                if (to == null || isSettling) {
                    return at;
                }
            }
            int next = at + (int) Math.min(size, end - at);
            if (ClientStatements.isNaming(tag)
                    || tag == FrontendTag.QUERY && statements.mayNameStatement(in, at, end, size)) {
                if (size > end - at) {
                    if (size > pooler.limits().maxRewritten()) {
                        throw new ProtocolViolation("message too long");
                    }
                    break;
                }
                run = statements.rewrite(to, tag, in, run, at, next);
                if (to.replies().isFakeNext()) {
                    answerFakes(to.replies());
                }
            } else {
                note(to, tag);
                passing = (int) (at + size - next);
            }
            at = next;
        }
        ServerSession to = server;
        if (to != null && run == in.from() && at == end && run < at && requests.isEmpty()) {
            requests.give(to, in, run, at);
        } else {
            addRequests(in, run, at);
        }
        return at;
    }

    private void addRequests(Chunk in, int from, int end) {
        ServerSession to = server;
        if (to != null) {
            requests.add(to, in, from, end);
        }
    }

    private static boolean isCopy(byte tag) {
        return tag == FrontendTag.COPY_DATA
                || tag == FrontendTag.COPY_DONE
                || tag == FrontendTag.COPY_FAIL;
    }

    private static void note(ServerSession to, byte tag) {
        switch (tag) {
            case FrontendTag.QUERY -> to.replies().add(Replies.QUERY);
            case FrontendTag.FUNCTION_CALL -> to.replies().add(Replies.FUNCTION_CALL);
            case FrontendTag.SYNC -> to.replies().add(Replies.SYNC);
            case FrontendTag.EXECUTE -> to.replies().add(Replies.EXECUTE);
            case FrontendTag.COPY_DONE, FrontendTag.COPY_FAIL -> to.replies().endCopy();
            default -> {}
        }
    }

    /** Writes the answers that nobody else gives, as far as they are due. */
    void answerFakes(Replies replies) {
        for (int kind = replies.nextFake(); kind != 0; kind = replies.nextFake()) {
            ByteBuf answer = channel.alloc().buffer(8);
            BackendMessages.bare(
                    answer,
                    kind == Replies.PARSE ? BackendTag.PARSE_COMPLETE : BackendTag.CLOSE_COMPLETE);
            forward(answer);
        }
    }

    // ---------------------------------------------------------------- servers

    private @Nullable ServerSession acquire() {
        if (visit.isUnsettled()) {
            pooler.settle(this);
        }
        PoolServer<ServerSession> given =
                pooler.ledger().acquire(pool, seat, settings.fingerprint());
        if (given == null) {
            isWaiting = true;
            meter.waits(false);
            return null;
        }
        ServerSession free = given.owner();
        if (free.channel().eventLoop().equals(channel.eventLoop())) {
            link(free);
            return free;
        }
        seatMoves(free);
        return null;
    }

    /** The server comes over from another loop: wait for it like for any other. */
    private void seatMoves(ServerSession free) {
        isMoving = true;
        meter.waits(true);
        pooler.move(free, this);
    }

    private boolean isMoving;

    /** A server was given to us; on our loop, where it lives now, too. */
    void assigned(ServerSession given) {
        isMoving = false;
        isWaiting = false;
        if (onWelcome != null && !isClosed) {
            welcomed(given);
            return;
        }
        if (isClosed || !given.channel().isActive()) {
            pooler.release(given);
            if (!isClosed) {
                goOn(); // it died on its way
            }
            return;
        }
        link(given);
        if (isSettling) {
            flushServer();
        } else {
            goOn();
        }
    }

    /** What was held back may be sent now. */
    private void goOn() {
        resumeReading();
        processHeld();
        flushServer();
    }

    /**
     * The server has our settings, or refused one of them: then nothing of ours may run with wrong
     * ones.
     */
    void settled(boolean refused) {
        meter.settled();
        if (refused) {
            ServerSession mine = server;
            server = null;
            if (mine != null) {
                mine.link(null);
                mine.close("settings refused");
            }
            fail(lastError == null ? wrongSettings() : lastError);
        } else if (isSettling && !isMoreToSettle()) {
            isSettling = false;
            isProven |= isProving;
            goOn();
        }
    }

    private boolean isMoreToSettle() {
        ServerSession mine = server;
        return mine != null && mine.replies().isSwallowing();
    }

    private static ErrorMessage wrongSettings() {
        return ErrorMessage.fatal(SqlState.PROTOCOL_VIOLATION, "startup parameter refused");
    }

    private @Nullable Consumer<ServerSession> onWelcome;
    private @Nullable Consumer<ErrorMessage> onNoWelcome;

    /** Before the session begins: waits for any server of the pool, and gives it back at once. */
    void waitForWelcome(Consumer<ServerSession> welcome, Consumer<ErrorMessage> noWelcome) {
        onWelcome = welcome;
        onNoWelcome = noWelcome;
        askForWelcome();
    }

    private void askForWelcome() {
        pooler.settle(this);
        PoolServer<ServerSession> given = pooler.ledger().acquire(pool, seat, 0);
        if (given != null) {
            welcomed(given.owner());
        }
    }

    boolean isWaitingForWelcome() {
        return onWelcome != null && !isClosed;
    }

    /** The login goes on without a server; false when one came first. */
    boolean stopWaitingForWelcome() {
        if (onWelcome == null || isClosed || !pooler.ledger().look(all -> all.stopWaiting(seat))) {
            return false;
        }
        onWelcome = null;
        onNoWelcome = null;
        return true;
    }

    private void welcomed(ServerSession given) {
        Consumer<ServerSession> welcome = onWelcome;
        onWelcome = null;
        onNoWelcome = null;
        pooler.release(given);
        if (welcome != null) {
            welcome.accept(given);
        }
    }

    /**
     * The query that waits for a server is not wanted any more: it is answered as by a server,
     * where it is clear where it ends.
     */
    void cancelledWhileWaiting() {
        isWaiting = false;
        String why = "canceling statement due to user request";
        Chunk waiting = held;
        if (waiting == null || waiting.length() == 0 || onNoWelcome != null) {
            fail(ErrorMessage.fatal(SqlState.QUERY_CANCELED, why));
            return;
        }
        byte first = waiting.at(waiting.from());
        boolean isSimple = first == FrontendTag.QUERY || first == FrontendTag.FUNCTION_CALL;
        skipUntil = isSimple ? first : FrontendTag.SYNC;
        ByteBuf message = channel.alloc().buffer(128);
        ErrorMessage.error(SqlState.QUERY_CANCELED, why).writeTo(message);
        forward(message);
        goOn();
        outlet.flush();
    }

    /** The last message of a cancelled request is dropped; zero when none is. */
    private byte skipUntil;

    /** One message of a cancelled request, as a server does it after an error. */
    private void skip(byte tag) {
        if (tag == skipUntil) {
            skipUntil = 0;
            meter.gaveUp();
            ByteBuf message = channel.alloc().buffer(8);
            BackendMessages.readyForQuery(message, 'I');
            forward(message);
            outlet.flush();
        }
    }

    private void resumeReading() {
        isWilling = true;
        read(channel, true);
    }

    private void link(ServerSession to) {
        server = to;
        to.link(this);
        to.read(true);
        String check = pooler.limits().care().checkAfter(to.seat().idledFor());
        String sql = settings.bring(to.settings(), to.defaults());
        isProving = !sql.isEmpty();
        meter.linked(isProving || check != null);
        if (check != null) {
            check(to, check);
        }
        if (!sql.isEmpty()) {
            String all = to.isLink() ? LinkSettings.mark(settings, to.defaults(), sql) : sql;
            requests.to(to).add(out -> FrontendMessages.query(out, all));
            to.replies().add(Replies.QUERY | Replies.SWALLOW);
            to.settings().become(settings);
            isSettling |= !isProven;
        }
    }

    /** Nothing of ours is sent before the server has shown that it is there. */
    private void check(ServerSession to, String sql) {
        isSettling = true;
        requests.to(to).add(out -> FrontendMessages.query(out, sql));
        to.replies().add(Replies.QUERY | Replies.SWALLOW);
        var _ =
                channel.eventLoop()
                        .schedule(
                                () -> {
                                    if (isSettling && server == to) {
                                        to.close("server check failed");
                                    }
                                },
                                CHECK_SECONDS,
                                TimeUnit.SECONDS);
    }

    /** The server answered everything it was asked. */
    void ready(ServerSession from, char status) {
        meter.ready(status);
        requests.answered();
        outlet.flush();
        if (mode == PoolMode.STATEMENT && status != 'I') {
            server = null;
            from.link(null);
            from.close("transaction block in statement pooling mode");
            fail(
                    ErrorMessage.fatal(
                            SqlState.PROTOCOL_VIOLATION,
                            "transaction blocks not allowed in statement pooling mode"));
            return;
        }
        boolean wasStopped = isResting && mode != PoolMode.SESSION;
        if (wasStopped) {
            isResting = false;
        } else if (isRestrained) {
            restAtBoundary();
        }
        if (status == 'I' && mode != PoolMode.SESSION && server == from && passing == 0) {
            server = null;
            read(channel, isWilling);
            from.read(true); // or nobody would notice that it is closed
            pooler.done(from);
        } else if (from.seat().isDoomed()) {
            endIfDoomed();
        }
        if (wasStopped && !isClosed) {
            goOn();
        }
    }

    /** The server is done with one request, and others of ours follow. */
    void between() {
        if (isRestrained) {
            restAtBoundary();
        }
    }

    /** From us; takes over the buffer. Flushed like what comes from the server. */
    private void forward(ByteBuf buffer) {
        meter.sent(buffer.readableBytes());
        outlet.write(buffer);
        restrainServer();
    }

    /** From the server. Flushed at the end of its batch. */
    void forward(Chunk in, int from, int end) {
        meter.sent(end - from);
        outlet.write(in, from, end);
        restrainServer();
    }

    private void restrainServer() {
        ServerSession from = server;
        if (from != null && !outlet.isWritable()) {
            meter.writable(false);
            from.read(false);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        meter.writable(channel.isWritable());
        ServerSession from = server;
        if (from != null) {
            from.read(channel.isWritable());
        }
    }

    void serverWritable(boolean isWritable) {
        read(channel, isWritable && isWilling);
    }

    /**
     * An error of the server on its way to us.
     *
     * @return whether it stays between us: what failed is being repeated
     */
    boolean noteError(ByteBuf in, int from, int end) throws ProtocolViolation {
        ErrorMessage error = ErrorMessage.read(in, from, end);
        ServerSession mine = server;
        if (mine != null && mine.replies().isSwallowing()) {
            lastError = ErrorMessage.fatal(error.sqlState(), error.message());
            untoldEnd = error.isFatal() ? lastError : untoldEnd;
        } else {
            isToldOfEnd |= error.isFatal();
        }
        return mine != null
                && error.sqlState().equals(SqlState.FEATURE_NOT_SUPPORTED)
                && StalePlan.isIn(in, from, end)
                && statements.renew(mine, passing == 0);
    }

    /**
     * The server closed the connection while we had it.
     *
     * @param inMessage the client has the beginning of a message that has no end: an error would be
     *     taken for the rest of it
     */
    void serverLost(boolean inMessage, String why) {
        ServerSession lost = server;
        boolean wasAsked = lost != null && !lost.replies().isEmpty();
        // Without an answer nobody knows whether it was done; so it is never sent again.
        ErrorMessage told = untoldEnd;
        untoldEnd = null;
        severed(
                inMessage,
                told != null
                        ? told
                        : ErrorMessage.fatal(
                                wasAsked
                                        ? SqlState.TRANSACTION_RESOLUTION_UNKNOWN
                                        : SqlState.CONNECTION_FAILURE,
                                why));
    }

    /** The same, with what the client is to be told. */
    void severed(boolean inMessage, ErrorMessage told) {
        server = null;
        if (isClosed) {
            return;
        }
        if (isSettling) {
            // Nothing of ours was sent: any other server will do.
            isSettling = false;
            requests.clear();
            goOn();
            return;
        }
        if (inMessage || isToldOfEnd) {
            channel.writeAndFlush(channel.alloc().buffer(0))
                    .addListener(ChannelFutureListener.CLOSE);
            end(told.message());
        } else {
            fail(told);
        }
    }

    // ---------------------------------------------------------------- holds

    private boolean isRestrained;
    private boolean isResting;

    /**
     * Whether a hold wants no further transaction of us. Without a server we wait for one. With one
     * of our own, in session mode, we rest: what comes is not sent. Otherwise what comes is not
     * sent before what was sent is answered, when the server is released, or in a transaction.
     */
    void restrain(boolean isHeld) {
        isRestrained = isHeld;
        if (isHeld) {
            restAtBoundary();
        } else if (isResting) {
            isResting = false;
            ServerSession mine = server;
            if (mine != null) {
                pooler.ledger().with(all -> all.resumeUse(mine.seat()));
            }
            if (!isClosed) {
                goOn();
            }
        }
    }

    private void restAtBoundary() {
        ServerSession mine = server;
        if (isResting || mine == null || mine.status() != 'I' || passing != 0 || isSettling) {
            return;
        }
        if (isAtBoundary()) {
            isResting = true;
            pooler.ledger().with(all -> all.rest(mine.seat()));
        } else if (mode != PoolMode.SESSION) {
            isResting = !mine.replies().isEmpty() && mine.replies().endsInReady();
        }
    }

    /** With server_fast_close: no session outlives the place of its server. */
    void endIfDoomed() {
        ServerSession mine = server;
        if (mine != null
                && mine.seat().isDoomed()
                && pooler.limits().care().isClosedFast()
                && isAtBoundary()) {
            fail(ErrorMessage.fatal(SqlState.ADMIN_SHUTDOWN, "database configuration changed"));
        }
    }

    /** In session mode, with a server, between two transactions. */
    boolean isAtBoundary() {
        return mode == PoolMode.SESSION
                && server != null
                && server.status() == 'I'
                && !meter.inQuery()
                && passing == 0;
    }

    /** Stopped between two transactions. */
    boolean isResting() {
        return isResting && mode == PoolMode.SESSION && server != null;
    }

    /** No server for us. */
    void refused(Refusal why) {
        isWaiting = false;
        switch (why) {
            case Refusal.WaitedTooLong _ ->
                    fail(ErrorMessage.fatal(SqlState.TOO_MANY_CONNECTIONS, "query_wait_timeout"));
            case Refusal.Rejected rejected ->
                    fail(
                            ErrorMessage.fatal(
                                    rejected.sqlState().isEmpty()
                                            ? SqlState.CONNECTION_FAILURE
                                            : rejected.sqlState(),
                                    rejected.message()));
            case Refusal.Unreachable unreachable ->
                    fail(
                            ErrorMessage.fatal(
                                    SqlState.CANNOT_CONNECT_NOW,
                                    "cannot connect to server: " + unreachable.message()));
            case Refusal.Elsewhere _ -> askElsewhere();
            case Refusal.HeldTooLong held ->
                    fail(
                            ErrorMessage.fatal(
                                    SqlState.CANNOT_CONNECT_NOW,
                                    "hold limit reached (" + held.owner() + "), retry"));
            case Refusal.Removed _ ->
                    fail(
                            ErrorMessage.fatal(
                                    SqlState.ADMIN_SHUTDOWN, "database configuration changed"));
        }
    }

    private void askElsewhere() {
        if (isClosed || seat.isWaiting()) {
            return;
        }
        if (onWelcome != null) {
            askForWelcome();
        } else {
            goOn();
        }
    }

    /** Ends what lasts too long, and tells who waits long that he does. */
    void expire(ClientTimeouts timeouts, long now) {
        if (isClosed || onWelcome != null) {
            return;
        }
        ErrorMessage verdict = timeouts.verdict(meter, now);
        if (verdict != null) {
            fail(verdict);
        } else if (!timeouts.wantsNotice(meter, now)) {
            isToldToWait = false;
        } else if (!isToldToWait) {
            isToldToWait = true;
            ByteBuf notice = channel.alloc().buffer(128);
            ErrorMessage.notice(
                            "No server connection available in "
                                    + pool.key().database()
                                    + " database, client being queued")
                    .writeTo(notice);
            var _ = channel.writeAndFlush(notice);
        }
    }

    private boolean isToldToWait;

    // ---------------------------------------------------------------- the end

    /** Tells the client and closes. */
    void fail(ErrorMessage error) {
        if (isClosed) {
            return;
        }
        Consumer<ErrorMessage> noWelcome = onNoWelcome;
        if (noWelcome != null) {
            onWelcome = null;
            onNoWelcome = null;
            noWelcome.accept(error);
            end("login failed");
            return;
        }
        ByteBuf message = channel.alloc().buffer(128);
        error.writeTo(message);
        channel.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE);
        end(error.message());
    }

    /** The client said goodbye. */
    private void leave() {
        saidGoodbye = true;
        var _ = channel.close();
        end("client close request");
    }

    /** The connection is closed, be it before the session began. */
    void gone() {
        end("client unexpected eof");
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end("client unexpected eof");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        var _ = channel.close();
    }

    private void end(String why) {
        if (isClosed) {
            return;
        }
        isClosed = true;
        pooler.clientGone(this, why);
        if (held != null) {
            held.release();
            held = null;
        }
        if (spare != null) {
            spare.release();
            spare = null;
        }
        ServerSession mine = server;
        server = null;
        if (mine != null) {
            requests.flush(mine);
            pooler.abandoned(mine, passing == 0, mode == PoolMode.SESSION, saidGoodbye, why);
        }
        requests.clear();
    }

    boolean isMoving() {
        return isMoving;
    }
}
