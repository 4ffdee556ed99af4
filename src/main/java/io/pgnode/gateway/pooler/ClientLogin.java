package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.unix.PeerCredentials;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import io.pgnode.gateway.pooler.hba.Login;
import io.pgnode.net.Sockets;
import io.pgnode.net.TlsContext;
import io.pgnode.wire.BackendMessages;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.Frames;
import io.pgnode.wire.FrontendTag;
import io.pgnode.wire.Opening;
import io.pgnode.wire.OpeningReader;
import io.pgnode.wire.ProtocolViolation;
import io.pgnode.wire.ScramSecret;
import io.pgnode.wire.SqlState;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A client from its first byte to its login. Confined to its event loop; steps that cost something
 * are taken in turn with those of the loop's other logins, and while one waits, nothing more is
 * read.
 *
 * <p>Texts for clients and phrases of the log are PgBouncer's, which people search for.
 */
final class ClientLogin extends ByteToMessageDecoder {
    private static final Logger LOG = Logger.getLogger(ClientLogin.class);
    private static final int MAX_PASSWORD = 64 * 1024;

    /** Connections beyond the limit that get as far as a clear answer; one may be the console's. */
    static final int SPARE = 100;

    /** What is expected next. */
    private enum Step {
        OPENING,
        PROOF,
        DONE
    }

    /** Part of a login that may find the client at fault. */
    private interface Work {
        void run() throws ProtocolViolation;
    }

    private final Pooler pooler;
    private final PoolerSetup setup;
    private final int loop;
    private final Entrance entrance;
    private final ClientEncryption encryption;
    private final long startNanos = System.nanoTime();
    private Step step = Step.OPENING;
    private boolean isWaiting;
    private boolean isRefused;
    private boolean wasGssAsked;
    private Opening.@Nullable Login login;
    private @Nullable StartupSettings settings;
    private @Nullable DatabaseSettings database;
    private @Nullable PasswordProof proof;
    private @Nullable Future<?> deadline;

    /**
     * @param entrance by which the client came
     */
    ClientLogin(Pooler pooler, int loop, Entrance entrance) {
        this.pooler = pooler;
        this.setup = pooler.setup();
        this.loop = loop;
        this.entrance = entrance;
        this.encryption = new ClientEncryption(setup.tls(), pooler.workers());
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        ClientCounts counts = pooler.clients();
        int all = counts.arrived();
        context.channel().closeFuture().addListener(_ -> counts.left());
        entrance.connected(context.channel());
        // On the unix socket some more: whoever may use it must get at the console in any flood.
        boolean isTcp = ClientPeer.address(context.channel()) != null;
        if (all - (isTcp ? SPARE : SPARE + SPARE / 10) > setup.clients().most()) {
            refuse(context, tooMany());
            return;
        }
        long limit = setup.clients().loginLimit().toMillis();
        if (limit > 0) {
            deadline =
                    context.executor().schedule(() -> late(context), limit, TimeUnit.MILLISECONDS);
        }
    }

    private void late(ChannelHandlerContext context) {
        refuse(context, ErrorMessage.fatal(SqlState.PROTOCOL_VIOLATION, "client_login_timeout"));
    }

    private static ErrorMessage tooMany() {
        return ErrorMessage.fatal(
                SqlState.TOO_MANY_CONNECTIONS, "no more connections allowed (max_client_conn)");
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> messages)
            throws ProtocolViolation {
        if (isWaiting) {
            return;
        }
        switch (step) {
            case OPENING -> opening(context, in);
            case PROOF -> answer(context, in);
            case DONE -> {
                if (isRefused) {
                    in.skipBytes(in.readableBytes());
                }
                // It belongs to the session; the decoder hands it on when it is removed.
            }
        }
    }

    /** Does something in its turn; nothing is read before. */
    private void inTurn(ChannelHandlerContext context, Work work) {
        isWaiting = true;
        boolean ran =
                pooler.turns(loop)
                        .take(
                                () -> {
                                    isWaiting = false;
                                    run(context, work);
                                    if (!isWaiting && step != Step.DONE) {
                                        goOn(context);
                                    }
                                });
        if (!ran) {
            context.channel().config().setAutoRead(false);
        }
    }

    private void run(ChannelHandlerContext context, Work work) {
        if (step == Step.DONE || !context.channel().isActive()) {
            return;
        }
        try {
            work.run();
        } catch (ProtocolViolation e) {
            violated(context, e);
        } catch (RuntimeException e) {
            // Others wait for their turns behind this one.
            exceptionCaught(context, e);
        }
    }

    private void goOn(ChannelHandlerContext context) {
        if (!context.channel().config().isAutoRead()) {
            context.channel().config().setAutoRead(true);
            context.executor().execute(() -> lookAgain(context));
        }
    }

    /** What had come while nothing was looked at. */
    private void lookAgain(ChannelHandlerContext context) {
        if (context.isRemoved() || step == Step.DONE) {
            return;
        }
        try {
            channelRead(context, Unpooled.EMPTY_BUFFER);
        } catch (Exception e) {
            exceptionCaught(context, e);
        }
    }

    // ---------------------------------------------------------------- the first messages

    private void opening(ChannelHandlerContext context, ByteBuf in) throws ProtocolViolation {
        boolean isTls = ClientEncryption.isOn(context);
        if (!isTls && ClientEncryption.isHandshake(in)) {
            encryption.startDirect(context, in);
            return;
        }
        encryption.checkProtocol(context);
        Opening read = OpeningReader.read(in);
        switch (read) {
            case null -> {}
            case Opening.TlsRequest _ -> {
                if (isTls) {
                    throw new ProtocolViolation("SSL req inside SSL");
                }
                checkNothingBehind(in);
                if (!encryption.start(context)) {
                    sayNo(context);
                }
            }
            case Opening.GssRequest _ -> {
                if (wasGssAsked) {
                    throw new ProtocolViolation("GSS encryption was asked for twice");
                }
                wasGssAsked = true;
                checkNothingBehind(in);
                sayNo(context);
            }
            case Opening.Cancel cancel -> {
                step = Step.DONE;
                cancelDeadline();
                // Who waits for the end of this connection knows that nothing is hit any more.
                pooler.cancel(cancel.key(), context::close);
            }
            case Opening.Login wanted -> {
                login = wanted;
                inTurn(context, () -> begin(context, wanted));
            }
        }
    }

    /** Somebody may have put bytes in front of the encrypted ones. */
    private static void checkNothingBehind(ByteBuf in) throws ProtocolViolation {
        if (in.isReadable()) {
            throw new ProtocolViolation("received unencrypted data after SSL request");
        }
    }

    /** There is no encryption of that kind. */
    private static void sayNo(ChannelHandlerContext context) {
        var _ = context.writeAndFlush(context.alloc().buffer(1).writeByte('N'));
    }

    // ---------------------------------------------------------------- who it is

    private void begin(ChannelHandlerContext context, Opening.Login wanted)
            throws ProtocolViolation {
        if (setup.clients().areLogged()) {
            LOG.infof(
                    "%s login attempt: db=%s user=%s tls=%s",
                    name(context),
                    ClientPeer.printable(wanted.database()),
                    ClientPeer.printable(wanted.user()),
                    ClientPeer.tls(context.channel()));
        }
        if (wanted.needsNegotiation()) {
            ByteBuf out = context.alloc().buffer(64);
            BackendMessages.negotiateProtocolVersion(out, wanted.protocolOptions());
            var _ = context.write(out);
        }
        if (wanted.user().isEmpty()) {
            refuse(
                    context,
                    ErrorMessage.fatal(
                            SqlState.INVALID_AUTHORIZATION,
                            "no PostgreSQL user name specified in startup packet"));
            return;
        }
        boolean isConsole = wanted.database().equals(AdminDoor.CONSOLE);
        if (!isConsole && pooler.clients().all() > setup.clients().most()) {
            refuse(context, tooMany());
            return;
        }
        boolean isTls = ClientPeer.session(context.channel()) != null;
        boolean isTcp = ClientPeer.address(context.channel()) != null;
        if (setup.tls().isRequired() && isTcp && !isTls) {
            refuse(context, ErrorMessage.fatal(SqlState.INVALID_AUTHORIZATION, "SSL required"));
            return;
        }
        StartupSettings asked =
                StartupSettings.of(wanted, setup.startup(), ClientPeer.name(context.channel()));
        if (asked.refusal() != null) {
            refuse(context, asked.refusal());
            return;
        }
        settings = asked;
        if (isConsole && isOwner(context, wanted.user())) {
            succeed(context, new ServerSecret.None());
            return;
        }
        database = isConsole ? null : setup.databases().apply(wanted.database());
        LoginRules.Ruling ruling =
                setup.rules()
                        .rule(
                                new Login(
                                        wanted.user(),
                                        wanted.database(),
                                        ClientPeer.address(context.channel()),
                                        isTls,
                                        asked.isPhysicalReplication()));
        if (ruling.method() == LoginRules.Method.REJECT) {
            LOG.infof("%s login rejected: %s", name(context), ruling.why());
            refuse(context, ErrorMessage.fatal(SqlState.INVALID_AUTHORIZATION, "login rejected"));
            return;
        }
        find(context, wanted, ruling);
    }

    /** The user that runs the pooler needs no password on its unix socket. */
    private boolean isOwner(ChannelHandlerContext context, String user) {
        PeerCredentials credentials = Sockets.peer(context.channel());
        return user.equals(AdminDoor.CONSOLE)
                && credentials != null
                && credentials.uid() == pooler.ownUid();
    }

    private void find(
            ChannelHandlerContext context, Opening.Login wanted, LoginRules.Ruling ruling) {
        isWaiting = true;
        boolean needsScram = ruling.method() == LoginRules.Method.SCRAM;
        setup.rules()
                .find(
                        wanted.user(),
                        database,
                        needsScram,
                        found -> {
                            if (context.executor().inEventLoop()) {
                                found(context, ruling, found);
                            } else {
                                context.executor().execute(() -> found(context, ruling, found));
                            }
                        });
        if (isWaiting) {
            context.channel().config().setAutoRead(false);
        }
    }

    private void found(
            ChannelHandlerContext context, LoginRules.Ruling ruling, LoginRules.Found found) {
        isWaiting = false;
        run(
                context,
                () -> {
                    switch (found) {
                        case LoginRules.Found.Failed failed ->
                                refuse(
                                        context,
                                        ErrorMessage.fatal(failed.sqlState(), failed.message()));
                        case LoginRules.Found.Unknown _ -> challenge(context, ruling, null);
                        case LoginRules.Found.Known known ->
                                challenge(context, ruling, known.role());
                    }
                });
        if (step != Step.DONE) {
            goOn(context);
        }
    }

    private void challenge(
            ChannelHandlerContext context,
            LoginRules.Ruling ruling,
            LoginRules.@Nullable Role known) {
        LoginRules.Method method = ruling.method();
        boolean isMd5 = known != null && known.secret() != null && known.scram() == null;
        if (method == LoginRules.Method.MD5 && !isMd5) {
            method = LoginRules.Method.SCRAM;
        }
        switch (method) {
            case TRUST -> {
                if (known == null && !setup.rules().trustsUnknown()) {
                    refuse(
                            context,
                            ErrorMessage.fatal(SqlState.INVALID_AUTHORIZATION, "no such user"));
                } else {
                    succeed(context, ServerSecret.of(known == null ? null : known.secret()));
                }
            }
            case REJECT -> throw new IllegalStateException("refused before");
            case CERT -> outside(context, ruling, known, ClientPeer.commonName(context.channel()));
            case PEER -> outside(context, ruling, known, account(context));
            case PLAIN -> ask(context, new PlainProof(requireLogin().user(), known));
            case MD5 ->
                    ask(
                            context,
                            new Md5Proof(requireLogin().user(), known, pooler.secrets().bytes(4)));
            case SCRAM -> ask(context, scram(context, known));
        }
    }

    private ScramProof scram(ChannelHandlerContext context, LoginRules.@Nullable Role known) {
        ScramSecret secret = known == null ? null : known.scram();
        if (secret == null) {
            secret = setup.rules().mockSecret(requireLogin().user());
        }
        SSLSession session = ClientPeer.session(context.channel());
        byte[] endPoint = session == null ? null : TlsContext.endPoint(session);
        return new ScramProof(known, secret, pooler.secrets().nonce(), endPoint);
    }

    private void ask(ChannelHandlerContext context, PasswordProof wanted) {
        proof = wanted;
        step = Step.PROOF;
        ByteBuf out = context.alloc().buffer(64);
        wanted.ask(out);
        var _ = context.writeAndFlush(out);
    }

    /** Somebody outside vouches for a name. */
    private void outside(
            ChannelHandlerContext context,
            LoginRules.Ruling ruling,
            LoginRules.@Nullable Role known,
            String outsideName) {
        String user = requireLogin().user();
        if (!outsideName.isEmpty() && setup.rules().mayBe(ruling.map(), outsideName, user)) {
            succeed(context, ServerSecret.of(known == null ? null : known.secret()));
            return;
        }
        LOG.infof(
                "%s %s is not %s (%s)",
                name(context),
                outsideName.isEmpty() ? "nobody" : ClientPeer.printable(outsideName),
                ClientPeer.printable(user),
                ruling.why());
        refuse(
                context,
                ErrorMessage.fatal(
                        SqlState.INVALID_AUTHORIZATION,
                        ruling.method() == LoginRules.Method.PEER
                                ? "unix socket login rejected"
                                : certificateProblem(context, outsideName)));
    }

    private static String certificateProblem(ChannelHandlerContext context, String commonName) {
        if (ClientPeer.session(context.channel()) == null) {
            return "TLS connection required";
        }
        return commonName.isEmpty()
                ? "TLS client certificate required"
                : "TLS certificate name mismatch";
    }

    private String account(ChannelHandlerContext context) {
        PeerCredentials credentials = Sockets.peer(context.channel());
        return credentials == null ? "" : setup.accounts().getOrDefault(credentials.uid(), "");
    }

    // ---------------------------------------------------------------- proofs

    private void answer(ChannelHandlerContext context, ByteBuf in) throws ProtocolViolation {
        int at = in.readerIndex();
        if (in.getByte(at) != FrontendTag.PASSWORD) {
            throw new ProtocolViolation("expected password response");
        }
        if (in.readableBytes() < Frames.HEADER) {
            return;
        }
        long size = Frames.size(in, at, MAX_PASSWORD);
        if (in.readableBytes() < size) {
            return;
        }
        int from = at + Frames.HEADER;
        int end = at + (int) size;
        in.readerIndex(end);
        PasswordProof.Answer answer = requireProof().read(in, from, end);
        inTurn(context, () -> judge(context, answer.check()));
    }

    private void judge(ChannelHandlerContext context, PasswordProof.Verdict verdict) {
        switch (verdict) {
            case PasswordProof.Verdict.Right right -> succeed(context, right.secret());
            case PasswordProof.Verdict.Mutual mutual -> {
                ByteBuf out = context.alloc().buffer(64);
                BackendMessages.authenticationSaslFinal(out, mutual.proof());
                var _ = context.write(out);
                succeed(context, mutual.secret());
            }
            case PasswordProof.Verdict.Wrong _ -> wrongPassword(context);
            case PasswordProof.Verdict.More more -> {
                ByteBuf out = context.alloc().buffer(256);
                BackendMessages.authenticationSaslContinue(out, more.challenge());
                var _ = context.writeAndFlush(out);
            }
            case PasswordProof.Verdict.Slow slow -> judgeAside(context, slow);
        }
    }

    private void judgeAside(ChannelHandlerContext context, PasswordProof.Verdict.Slow slow) {
        isWaiting = true;
        context.channel().config().setAutoRead(false);
        pooler.workers()
                .execute(
                        () -> {
                            PasswordProof.Verdict verdict = slow.check().get();
                            context.executor()
                                    .execute(
                                            () -> {
                                                isWaiting = false;
                                                run(context, () -> judge(context, verdict));
                                            });
                        });
    }

    private void wrongPassword(ChannelHandlerContext context) {
        Opening.Login who = requireLogin();
        setup.rules().forget(who.user(), database);
        if (setup.clients().areLogged()) {
            LOG.infof(
                    "%s login failed: db=%s user=%s",
                    name(context),
                    ClientPeer.printable(who.database()),
                    ClientPeer.printable(who.user()));
        }
        refuse(
                context,
                ErrorMessage.fatal(SqlState.INVALID_PASSWORD, "password authentication failed"));
    }

    private Opening.Login requireLogin() {
        if (login == null) {
            throw new IllegalStateException("no login yet");
        }
        return login;
    }

    private StartupSettings requireSettings() {
        if (settings == null) {
            throw new IllegalStateException("no settings yet");
        }
        return settings;
    }

    private PasswordProof requireProof() {
        if (proof == null) {
            throw new IllegalStateException("nothing was asked yet");
        }
        return proof;
    }

    // ---------------------------------------------------------------- the end

    private void succeed(ChannelHandlerContext context, ServerSecret secret) {
        Opening.Login who = requireLogin();
        if (who.database().equals(AdminDoor.CONSOLE)) {
            enterConsole(context, who);
            return;
        }
        DatabaseSettings to = database;
        if (to == null) {
            refuse(
                    context,
                    ErrorMessage.fatal(
                            SqlState.INVALID_CATALOG_NAME, "no such database: " + who.database()));
            return;
        }
        if (!countIn(context, to, who.user())) {
            return;
        }
        step = Step.DONE;
        cancelDeadline();
        if (!context.channel().config().isAutoRead()) {
            context.channel().config().setAutoRead(true);
        }
        pooler.receive(
                new Newcomer(
                        context, loop, entrance, setup, to, who, requireSettings(), secret, this));
    }

    private boolean countIn(ChannelHandlerContext context, DatabaseSettings to, String user) {
        ClientCounts counts = pooler.clients();
        if (!counts.enterDatabase(to.name(), to.maxClients())) {
            refuse(context, exceeded("max_db_client_connections"));
            return false;
        }
        if (!counts.enterUser(user, setup.clientsOf(user))) {
            counts.leaveDatabase(to.name());
            refuse(context, exceeded("max_user_client_connections"));
            return false;
        }
        context.channel()
                .closeFuture()
                .addListener(
                        _ -> {
                            counts.leaveDatabase(to.name());
                            counts.leaveUser(user);
                        });
        return true;
    }

    private static ErrorMessage exceeded(String limit) {
        return ErrorMessage.fatal(
                SqlState.TOO_MANY_CONNECTIONS, "client connections exceeded (" + limit + ")");
    }

    private void enterConsole(ChannelHandlerContext context, Opening.Login who) {
        boolean isAdmin =
                isOwner(context, who.user())
                        || setup.rules().trustsUnknown()
                        || setup.clients().admins().contains(who.user());
        AdminDoor door = pooler.adminDoor();
        if (!isAdmin && !setup.clients().statisticians().contains(who.user())) {
            refuse(context, ErrorMessage.fatal(SqlState.INSUFFICIENT_PRIVILEGE, "not allowed"));
        } else if (door == null) {
            refuse(
                    context,
                    ErrorMessage.fatal(SqlState.FEATURE_NOT_SUPPORTED, "the console is not open"));
        } else {
            step = Step.DONE;
            cancelDeadline();
            context.channel().config().setAutoRead(true);
            door.enter(context, who, isAdmin, this);
        }
    }

    private void cancelDeadline() {
        if (deadline != null) {
            var _ = deadline.cancel(false);
        }
    }

    /** The login cannot go on: says so and closes. */
    void refuse(ChannelHandlerContext context, ErrorMessage error) {
        step = Step.DONE;
        isRefused = true;
        cancelDeadline();
        if (setup.clients().areErrorsLogged()) {
            LOG.warnf("%s pooler error: %s", name(context), error.message());
        }
        logClosing(context, error.message());
        if (ClientEncryption.isHandshaking(context)) {
            // What is written now would wait for the end of the handshake.
            var _ = context.channel().close();
            return;
        }
        context.channel().config().setAutoRead(false);
        ByteBuf out = context.alloc().buffer(128);
        error.writeTo(out);
        context.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
    }

    private void violated(ChannelHandlerContext context, ProtocolViolation violation) {
        if (step != Step.DONE) {
            refuse(
                    context,
                    ErrorMessage.fatal(SqlState.PROTOCOL_VIOLATION, violation.getMessage()));
        }
    }

    private void logClosing(ChannelHandlerContext context, String why) {
        if (setup.clients().areEndsLogged()) {
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos);
            LOG.infof("%s closing because: %s (age=%ds)", name(context), why, seconds);
        }
    }

    private String name(ChannelHandlerContext context) {
        Opening.Login who = login;
        return who == null
                ? ClientPeer.logged(context.channel(), "(nodb)", "(nouser)")
                : ClientPeer.logged(context.channel(), who.database(), who.user());
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        if (step != Step.DONE) {
            step = Step.DONE;
            cancelDeadline();
            if (login != null) {
                logClosing(context, "client unexpected eof");
            }
        }
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable root = cause.getCause() == null ? cause : cause.getCause();
        if (root instanceof ProtocolViolation violation) {
            violated(context, violation);
            return;
        }
        if (step != Step.DONE) {
            step = Step.DONE;
            cancelDeadline();
            logClosing(
                    context,
                    root instanceof SSLException
                            ? "TLS handshake failed: " + root.getMessage()
                            : String.valueOf(root.getMessage()));
        }
        var _ = context.close();
    }
}
