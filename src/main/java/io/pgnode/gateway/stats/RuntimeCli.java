package io.pgnode.gateway.stats;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.gateway.route.core.AdminState;
import io.pgnode.gateway.route.core.Condition;
import io.pgnode.gateway.route.core.MemberTraits;
import io.pgnode.gateway.route.core.ServerAdmin;
import io.pgnode.model.HostPort;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** HAProxy's runtime commands, those that make sense here, with HAProxy's answers. Thread-safe. */
final class RuntimeCli {
    private static final String NO_SERVER = "No such server.";
    private static final String NEEDS_SERVER = "Require 'backend/server'.";
    private static final String HELP =
            """
            The following commands are valid at this level:
              clear counters [all]                    : clear max statistics counters (or all counters)
              disable server (DEPRECATED)             : disable a server for maintenance (use 'set server' instead)
              enable server  (DEPRECATED)             : enable a disabled server (use 'set server' instead)
              get weight <bk>/<srv>                   : report a server's current weight
              set maxconn frontend <frontend> <value> : change a frontend's maxconn setting
              set maxconn server <bk>/<srv>           : change a server's maxconn setting
              set server <bk>/<srv> [opts]            : change a server's state, weight, address or health
              set weight <bk>/<srv>  (DEPRECATED)     : change a server's weight (use 'set server' instead)
              show backend                            : list backends in the current running config
              show info [json]                        : report information about the running process
              show servers conn [<backend>]           : dump server connections status (all or for a single backend)
              show servers state [<backend>]          : dump volatile server information (all or for a single backend)
              show sess                               : report the list of current sessions
              show stat [json|no-maint|typed|up]*     : report counters for each proxy and server
              show version                            : show version of the current process
              shutdown sessions server <bk>/<srv>     : kill sessions on a server
              help                                    : list all commands
              prompt                                  : toggle interactive mode with prompt
              quit                                    : disconnect
            """;

    private record Place(ServiceReport service, int proxy, ServerReport server) {}

    private final Desk desk;

    RuntimeCli(Desk desk) {
        this.desk = desk;
    }

    /**
     * Runs one command.
     *
     * @return its answer, ended by an empty line
     */
    String run(String command) {
        List<String> words = words(command);
        String answer = words.isEmpty() ? unknown() : dispatch(words);
        if (answer.isEmpty()) {
            return "\n";
        }
        return answer.endsWith("\n") ? answer + "\n" : answer + "\n\n";
    }

    private static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        for (String word : command.strip().split("\\s+", -1)) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }

    private static String word(List<String> words, int index) {
        return index < words.size() ? words.get(index) : "";
    }

    private String dispatch(List<String> words) {
        String first = word(words, 0);
        String second = word(words, 1);
        return switch (first + " " + second) {
            case "show stat" -> stat(words.subList(2, words.size()));
            case "show info" -> word(words, 2).equals("json") ? infoJson() : info();
            case "show servers" -> servers(word(words, 2), word(words, 3));
            case "show sess" -> sessions();
            case "show backend" -> backends();
            case "show version" -> desk.process().version() + "\n";
            case "disable server" -> state(word(words, 2), AdminState.MAINT);
            case "enable server" -> state(word(words, 2), AdminState.READY);
            case "set server" -> setServer(words);
            case "set weight" -> weight(word(words, 2), word(words, 3));
            case "get weight" -> getWeight(word(words, 2));
            case "shutdown sessions" ->
                    second.equals("sessions") && word(words, 2).equals("server")
                            ? shutdown(word(words, 3))
                            : unknown();
            case "set maxconn" -> setLimit(words);
            case "clear counters" -> {
                desk.clear(word(words, 2).equals("all"));
                yield "";
            }
            default -> first.equals("help") ? HELP : unknown();
        };
    }

    private static String unknown() {
        return "Unknown command, please enter one of the following commands only:\n"
                + HELP.substring(HELP.indexOf('\n') + 1);
    }

    private String stat(List<String> options) {
        List<StatRows.Row> rows = new ArrayList<>(StatRows.of(desk.services()));
        int next = 0;
        if (isNumber(word(options, 0)) && options.size() >= 3) {
            int proxy = Integer.parseInt(options.get(0));
            int types = Integer.parseInt(options.get(1));
            int server = Integer.parseInt(options.get(2));
            rows.removeIf(
                    row ->
                            proxy >= 0 && row.proxy() != proxy
                                    || (types & bit(row)) == 0
                                    || server >= 0 && row.server() != server);
            next = 3;
        }
        List<String> rest = options.subList(next, options.size());
        if (rest.contains("up")) {
            rows.removeIf(row -> row.values().getOrDefault("status", "").startsWith("DOWN"));
        }
        if (rest.contains("no-maint")) {
            rows.removeIf(row -> row.values().getOrDefault("status", "").startsWith("MAINT"));
        }
        if (rest.contains("json")) {
            return StatText.json(rows) + "\n";
        }
        return rest.contains("typed") ? StatText.typed(rows) : StatText.csv(rows);
    }

    private static boolean isNumber(String text) {
        return text.matches("-?\\d{1,9}");
    }

    private static int bit(StatRows.Row row) {
        return switch (row.object()) {
            case "Frontend" -> 1;
            case "Backend" -> 2;
            default -> 4;
        };
    }

    private Map<String, Object> facts() {
        ProcessReport process = desk.process();
        long up = process.uptimeSeconds();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("Name", "pgnode");
        facts.put("Version", process.version());
        facts.put("Nbthread", process.threads());
        facts.put("Nbproc", 1);
        facts.put("Process_num", 1);
        facts.put("Pid", process.pid());
        facts.put(
                "Uptime",
                "%dd %dh%02dm%02ds".formatted(up / 86_400, up / 3600 % 24, up / 60 % 60, up % 60));
        facts.put("Uptime_sec", up);
        facts.put("Memmax_MB", process.maxHeapBytes() >> 20);
        facts.put("PoolAlloc_MB", process.heapBytes() >> 20);
        facts.put("PoolUsed_MB", process.heapBytes() >> 20);
        facts.put("PoolFailed", 0);
        facts.put("Maxconn", process.connectionLimit());
        facts.put("Hard_maxconn", process.connectionLimit());
        facts.put("CurrConns", process.connections());
        facts.put("CumConns", process.connectionsTotal());
        facts.put("CumReq", process.connectionsTotal());
        facts.put("ConnRate", process.rate());
        facts.put("ConnRateLimit", 0);
        facts.put("MaxConnRate", process.maxRate());
        facts.put("SessRate", process.rate());
        facts.put("SessRateLimit", 0);
        facts.put("MaxSessRate", process.maxRate());
        facts.put("Tasks", process.connections() + process.listeners());
        facts.put("Run_queue", 0);
        facts.put("Idle_pct", process.idlePercent());
        facts.put("node", process.node());
        facts.put("Stopping", 0);
        facts.put("Jobs", process.connections() + process.listeners());
        facts.put("Listeners", process.listeners());
        facts.put("TotalBytesOut", process.bytesOut());
        facts.put("Start_time_sec", process.startSeconds());
        return facts;
    }

    private String info() {
        StringBuilder out = new StringBuilder();
        facts().forEach((name, value) -> out.append(name).append(": ").append(value).append('\n'));
        return out.toString();
    }

    private String infoJson() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        facts().forEach(
                        (name, value) -> {
                            if (value instanceof Number number) {
                                node.put(name, number.longValue());
                            } else {
                                node.put(name, String.valueOf(value));
                            }
                        });
        return node + "\n";
    }

    private String backends() {
        StringBuilder out = new StringBuilder("# name\n");
        desk.services().forEach(service -> out.append(service.name()).append('\n'));
        return out.toString();
    }

    private String servers(String what, String backend) {
        if (!what.equals("state") && !what.equals("conn")) {
            return unknown();
        }
        List<Place> places = places(backend);
        if (!backend.isEmpty()
                && desk.services().stream().noneMatch(one -> one.name().equals(backend))) {
            return "Can't find backend.";
        }
        StringBuilder out = new StringBuilder();
        if (what.equals("state")) {
            out.append("1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state")
                    .append(" srv_uweight srv_iweight srv_time_since_last_change srv_check_status")
                    .append(" srv_check_result srv_check_health srv_check_state srv_agent_state")
                    .append(" bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord")
                    .append(" srv_use_ssl srv_check_port srv_check_addr srv_agent_addr")
                    .append(" srv_agent_port\n");
            places.forEach(place -> out.append(stateLine(place)).append('\n'));
        } else {
            out.append("# bkname/svname bkid/svid addr port - purge_delay used_cur used_max")
                    .append(" need_est unsafe_nb safe_nb idle_lim idle_cur idle_per_thr[1]\n");
            places.forEach(place -> out.append(connLine(place)).append('\n'));
        }
        return out.toString();
    }

    private List<Place> places(String backend) {
        List<Place> result = new ArrayList<>();
        int proxy = 2;
        for (ServiceReport service : desk.services()) {
            if (backend.isEmpty() || service.name().equals(backend)) {
                for (ServerReport server : service.servers()) {
                    result.add(new Place(service, proxy, server));
                }
            }
            proxy++;
        }
        return result;
    }

    private static String stateLine(Place place) {
        ServerReport server = place.server();
        int operation =
                switch (server.status()) {
                    case UP -> 2;
                    case NOLB, DRAIN -> 3; // stopping: keeps what it has
                    case DOWN, MAINT -> 0;
                };
        int admin =
                switch (server.status()) {
                    case MAINT -> 1;
                    case DRAIN -> 8;
                    case UP, DOWN, NOLB -> 0;
                };
        return "%d %s %d %s %s %d %d %d %d %d 0 %d %d 6 0 0 0 - %d - 0 0 - - 0"
                .formatted(
                        place.proxy(),
                        place.service().name(),
                        place.service().servers().indexOf(server) + 1,
                        server.name(),
                        server.address().host(),
                        operation,
                        admin,
                        server.weight(),
                        server.initialWeight(),
                        server.changedSeconds(),
                        server.isUsable() ? 3 : 2,
                        server.check().health(),
                        server.address().port());
    }

    private static String connLine(Place place) {
        ServerReport server = place.server();
        return "%s/%s %d/%d %s %d - 5000 %d %d %d 0 0 -1 0 0"
                .formatted(
                        place.service().name(),
                        server.name(),
                        place.proxy(),
                        place.service().servers().indexOf(server) + 1,
                        server.address().host(),
                        server.address().port(),
                        server.counts().sessions(),
                        server.counts().maxSessions(),
                        server.counts().maxSessions());
    }

    private String sessions() {
        StringBuilder out = new StringBuilder();
        for (SessionReport session : desk.sessions("")) {
            out.append(session.id())
                    .append(": proto=tcp src=")
                    .append(session.client())
                    .append(" fe=")
                    .append(session.service())
                    .append(" be=")
                    .append(session.service())
                    .append(" srv=")
                    .append(session.server().isEmpty() ? "<none>" : session.server())
                    .append(" state=")
                    .append(session.state())
                    .append(" age=")
                    .append(session.ageSeconds())
                    .append("s idle=")
                    .append(session.idleSeconds())
                    .append("s bin=")
                    .append(session.bytesIn())
                    .append(" bout=")
                    .append(session.bytesOut())
                    .append('\n');
        }
        return out.toString();
    }

    private @Nullable Place find(String name) {
        return places("").stream()
                .filter(
                        place ->
                                (place.service().name() + "/" + place.server().name()).equals(name))
                .findFirst()
                .orElse(null);
    }

    /** What is wrong with the name of a server; empty when nothing is. */
    private String problem(String name) {
        if (name.indexOf('/') < 1 || name.endsWith("/")) {
            return NEEDS_SERVER;
        }
        return find(name) == null ? NO_SERVER : "";
    }

    private String change(String name, UnaryOperator<ServerAdmin> change) {
        Place place = find(name);
        if (place == null) {
            return problem(name);
        }
        desk.change(place.service().name(), place.server().name(), change);
        return "";
    }

    private String state(String name, AdminState wanted) {
        return change(name, admin -> admin.withState(wanted));
    }

    private String setServer(List<String> words) {
        String name = word(words, 2);
        String problem = problem(name);
        if (!problem.isEmpty()) {
            return problem;
        }
        String value = word(words, 4);
        return switch (word(words, 3)) {
            case "state" ->
                    switch (value) {
                        case "ready" -> state(name, AdminState.READY);
                        case "drain" -> state(name, AdminState.DRAIN);
                        case "maint" -> state(name, AdminState.MAINT);
                        default -> "'set server <srv> state' expects 'ready', 'drain' and 'maint'.";
                    };
            case "weight" -> weight(name, value);
            case "health" ->
                    switch (value) {
                        case "up" -> health(name, Condition.UP);
                        case "stopping" -> health(name, Condition.DOUBTFUL);
                        case "down" -> health(name, Condition.DOWN);
                        default -> "'set server <srv> health' expects 'up', 'stopping', or 'down'.";
                    };
            case "addr" -> address(name, value, word(words, 6));
            default -> "usage: set server <backend>/<server> addr | health | state | weight";
        };
    }

    private String health(String name, Condition wanted) {
        return change(name, admin -> admin.withHealth(wanted));
    }

    private String address(String name, String host, String port) {
        Place place = find(name);
        if (place == null) {
            return NO_SERVER;
        }
        if (host.isEmpty()) {
            return "set server <b>/<s> addr requires an address.";
        }
        HostPort old = place.server().address();
        HostPort wanted;
        try {
            wanted = new HostPort(host, port.isEmpty() ? old.port() : Integer.parseInt(port));
        } catch (IllegalArgumentException e) {
            return "invalid address or port.";
        }
        if (wanted.equals(old)) {
            return "no need to change the addr, no need to change the port.";
        }
        String ofHost =
                old.host().equals(host)
                        ? "no need to change the addr"
                        : "IP changed from '" + old.host() + "' to '" + host + "'";
        String ofPort =
                old.port() == wanted.port()
                        ? ""
                        : ", port changed from '" + old.port() + "' to '" + wanted.port() + "'";
        String problem = change(name, admin -> admin.withAddress(wanted));
        return problem.isEmpty() ? ofHost + ofPort + " by 'stats socket command'" : problem;
    }

    private String weight(String name, String value) {
        Place place = find(name);
        if (place == null) {
            return problem(name);
        }
        if (value.isEmpty()) {
            return "Require <weight> or <weight%>.";
        }
        boolean isPart = value.endsWith("%");
        Optional<Integer> number = number(isPart ? value.substring(0, value.length() - 1) : value);
        if (number.isEmpty()) {
            return "Empty weight string empty or preceded by garbage";
        }
        int weight = number.get();
        if (isPart) {
            weight = (int) Math.round(place.server().initialWeight() * weight / 100.0);
            if (weight < 0 || weight > MemberTraits.MAX_WEIGHT) {
                return "Relative weight must be positive.";
            }
        } else if (weight < 0 || weight > MemberTraits.MAX_WEIGHT) {
            return "Absolute weight can only be between 0 and 256 inclusive.";
        }
        int wanted = weight;
        return change(name, admin -> admin.withWeight(wanted));
    }

    private static Optional<Integer> number(String text) {
        return isNumber(text) ? Optional.of(Integer.parseInt(text)) : Optional.empty();
    }

    private String getWeight(String name) {
        Place place = find(name);
        return place == null
                ? problem(name)
                : place.server().weight() + " (initial " + place.server().initialWeight() + ")\n";
    }

    private String shutdown(String name) {
        Place place = find(name);
        if (place == null) {
            return problem(name);
        }
        desk.closeSessions(place.service().name(), place.server().name());
        return "";
    }

    private String setLimit(List<String> words) {
        String name = word(words, 3);
        Optional<Integer> number = number(word(words, 4)).filter(value -> value >= 0);
        return switch (word(words, 2)) {
            case "server" -> {
                String problem = problem(name);
                if (!problem.isEmpty()) {
                    yield problem;
                }
                yield number.isEmpty()
                        ? "maxconn string empty or preceded by garbage"
                        : change(name, admin -> admin.withConnections(number.get()));
            }
            case "frontend" -> {
                if (desk.services().stream().noneMatch(one -> one.name().equals(name))) {
                    yield "No such frontend.";
                }
                if (number.isEmpty() || number.get() == 0) {
                    yield "Integer value expected.";
                }
                desk.limit(name, number.get());
                yield "";
            }
            default -> unknown();
        };
    }
}
