package io.pgnode.gateway.pooler;

import io.netty.channel.ChannelHandlerContext;
import io.pgnode.gateway.pooler.core.SessionSettings;
import io.pgnode.net.EventLoops;
import io.pgnode.wire.CancelKey;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.SqlState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives clients that have proved who they are their place. Each on its own loop. */
final class Reception {
    private final Pooler pooler;
    private final EventLoops loops;
    private final KnownPools pools;
    private final ClientRegistry clients;
    private final Greeter greeter;
    private final List<StatementTable> statements = new ArrayList<>(); // each on its loop

    Reception(
            Pooler pooler,
            EventLoops loops,
            KnownPools pools,
            ClientRegistry clients,
            Greeter greeter) {
        this.pooler = pooler;
        this.loops = loops;
        this.pools = pools;
        this.clients = clients;
        this.greeter = greeter;
        for (int i = 0; i < loops.count(); i++) {
            statements.add(new StatementTable(i, loops.count()));
        }
    }

    /** Gives the client a pool, or a server of its own when it wants to replicate. */
    void receive(Newcomer client) {
        ErrorMessage refusal = pooler.desk().refusal(client.database().name());
        if (refusal != null) {
            client.refuse(refusal);
            return;
        }
        Entrance.Visit visit = client.enter();
        if (client.asked().replication().isEmpty()) {
            begin(client, visit);
        } else {
            replicate(client, visit);
        }
    }

    private void begin(Newcomer client, Entrance.@Nullable Visit visit) {
        if (visit == null) {
            client.refuse(
                    ErrorMessage.fatal(
                            SqlState.TOO_MANY_CONNECTIONS, "no member of the service has room"));
            return;
        }
        DatabaseSettings database = client.database();
        String user = client.login().user();
        KnownPool known = pools.of(client.setup(), database, user, client.secret(), visit.target());
        ClientSession session =
                new ClientSession(
                        pooler,
                        client.context().channel(),
                        client.loop(),
                        visit,
                        known.pool(),
                        client.setup().mode(database, user),
                        new SessionSettings(),
                        statements.get(client.loop()),
                        clients.newKey(),
                        pooler.desk().meter(known.pool(), client.loop(), user, visit.traffic()));
        clients.add(session);
        visit.begun(session);
        greeter.greet(client, session, known);
    }

    private void replicate(Newcomer client, Entrance.@Nullable Visit visit) {
        ChannelHandlerContext context = client.context();
        Route route = visit == null ? null : pools.routeTo(visit.target());
        if (visit != null) {
            context.channel().closeFuture().addListener(_ -> visit.ended());
        }
        if (route == null) {
            client.refuse(
                    ErrorMessage.fatal(
                            SqlState.CANNOT_CONNECT_NOW, "nobody serves replication at present"));
            return;
        }
        Target target =
                route.target(client.database(), client.login().user(), client.secret())
                        .replicating(client.asked());
        ReplicationLink link =
                new ReplicationLink(context, CancelKey.of(clients.newKey()), client::refuse);
        client.stopReading();
        ServerLogin.begin(
                loops.loop(client.loop()), target, pooler.secrets(), pooler.workers(), link);
    }
}
