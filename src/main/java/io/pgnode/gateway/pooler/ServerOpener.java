package io.pgnode.gateway.pooler;

import io.netty.channel.ChannelHandlerContext;
import io.pgnode.gateway.pooler.core.PoolServer;
import io.pgnode.gateway.pooler.core.SessionSettings;
import io.pgnode.net.EventLoops;
import io.pgnode.wire.CancelKey;
import io.pgnode.wire.SqlState;
import java.util.Map;
import org.jboss.logging.Logger;

/** Opens the servers that pools want. Thread-safe. */
final class ServerOpener {
    private static final Logger LOG = Logger.getLogger(ServerOpener.class);

    private final Pooler pooler;
    private final EventLoops loops;
    private final PoolLedger ledger;
    private final KnownPools pools;
    private final Greeter greeter;

    ServerOpener(
            Pooler pooler, EventLoops loops, PoolLedger ledger, KnownPools pools, Greeter greeter) {
        this.pooler = pooler;
        this.loops = loops;
        this.ledger = ledger;
        this.pools = pools;
        this.greeter = greeter;
    }

    void open(PoolServer<ServerSession> seat) {
        KnownPool known = pools.find(seat.pool().key());
        Target target = known == null ? null : known.target();
        if (known == null || target == null) {
            ledger.with(
                    all -> all.openFailed(seat, "", "pool removed", true, 1, System.nanoTime()));
            return;
        }
        ServerLogin.begin(
                loops.loop(seat.loop()),
                target,
                pooler.secrets(),
                pooler.workers(),
                new Arrival(seat, known, target.isLink()));
    }

    /** A server on its way. */
    private final class Arrival implements ServerLogin.Outcome {
        private final PoolServer<ServerSession> seat;
        private final KnownPool known;
        private final boolean isLink;
        private boolean isDone;

        Arrival(PoolServer<ServerSession> seat, KnownPool known, boolean isLink) {
            this.seat = seat;
            this.known = known;
            this.isLink = isLink;
        }

        @Override
        public void loggedIn(
                ChannelHandlerContext context, CancelKey key, Map<String, String> reported) {
            isDone = true;
            SessionSettings settings = new SessionSettings();
            reported.forEach(settings::put);
            known.learn(reported);
            greeter.learn(reported);
            ServerSession session =
                    new ServerSession(pooler, context.channel(), seat, key, isLink, settings);
            seat.owner(session);
            pooler.desk().serverCame(session);
            context.pipeline().replace(context.handler(), "session", session);
            session.outlet().begin(session);
            ledger.with(all -> all.opened(seat, settings.fingerprint(), System.nanoTime()));
        }

        @Override
        public void failed(String sqlState, String message) {
            if (isDone) {
                return;
            }
            isDone = true;
            if (!message.equals(ledger.look(_ -> seat.pool().lastFailure()))) {
                // Said once, and not with every attempt.
                LOG.infof("cannot open a server of %s: %s", seat.pool(), message);
            }
            boolean isFinal =
                    sqlState.startsWith("28")
                            || sqlState.equals(SqlState.INVALID_CATALOG_NAME)
                            || sqlState.equals(SqlState.INSUFFICIENT_PRIVILEGE);
            double jitter = 0.5 + Math.floorMod(pooler.secrets().cancelKey(), 500) / 1000.0;
            ledger.with(
                    all ->
                            all.openFailed(
                                    seat, sqlState, message, isFinal, jitter, System.nanoTime()));
        }
    }
}
