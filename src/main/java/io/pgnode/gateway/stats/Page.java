package io.pgnode.gateway.stats;

import java.util.List;
import java.util.Locale;

/** The statistics as one HTML page that needs nothing else: no scripts, no files. */
final class Page {
    private static final String STYLE =
            """
            :root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--text:#1c2430;--dim:#677384;
            --line:#e3e7ec;--head:#f0f2f5;--up:#137a3e;--upbg:#dff5e7;--down:#b3261e;--downbg:#fde5e3;
            --warn:#8a5a00;--warnbg:#fdf0d5;--idle:#55606e;--idlebg:#e8ebef;--accent:#245fc9}
            @media (prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2029;--text:#e4e9f0;
            --dim:#93a0b2;--line:#2b3442;--head:#202834;--up:#6fdc9b;--upbg:#123824;--down:#ff9c94;
            --downbg:#471b18;--warn:#f1c56b;--warnbg:#41310f;--idle:#b4bfcd;--idlebg:#2a323e;
            --accent:#84b0ff}}
            *{box-sizing:border-box}
            body{margin:0;padding:20px 24px 40px;background:var(--bg);color:var(--text);
            font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
            header{display:flex;flex-wrap:wrap;align-items:baseline;gap:6px 18px;margin-bottom:14px}
            h1{font-size:20px;margin:0}h2{font-size:16px;margin:0}
            .dim{color:var(--dim)}.facts{display:flex;flex-wrap:wrap;gap:2px 16px}
            .facts b{font-weight:600;font-variant-numeric:tabular-nums}
            nav{margin-left:auto;display:flex;gap:14px}a{color:var(--accent)}
            .note{background:var(--warnbg);color:var(--warn);border-radius:6px;padding:8px 12px;
            margin-bottom:14px}
            section{background:var(--card);border:1px solid var(--line);border-radius:8px;
            margin-bottom:18px;overflow:hidden}
            .top{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 16px;padding:11px 14px}
            .scroll{overflow-x:auto}
            table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
            th,td{padding:6px 7px;text-align:right;white-space:nowrap;border-top:1px solid
            var(--line)}
            th{background:var(--head);color:var(--dim);font-weight:500;font-size:12px}
            th.l,td.l{text-align:left}tr.sum td{font-weight:600}
            td.why{max-width:300px;overflow:hidden;text-overflow:ellipsis;color:var(--dim)}
            td.name{font-weight:600}th.g{border-left:1px solid var(--line)}
            .pill{display:inline-block;min-width:62px;text-align:center;border-radius:10px;
            padding:1px 9px;font-size:12px;font-weight:600}
            .up{background:var(--upbg);color:var(--up)}.down{background:var(--downbg);
            color:var(--down)}.warn{background:var(--warnbg);color:var(--warn)}
            .idle{background:var(--idlebg);color:var(--idle)}
            .bad{color:var(--down);font-weight:600}
            .actions{display:flex;flex-wrap:wrap;gap:8px;align-items:center;padding:9px 14px;
            border-top:1px solid var(--line)}
            button{font:inherit;padding:3px 13px;border:1px solid var(--line);border-radius:6px;
            background:var(--head);color:var(--text);cursor:pointer}
            button:hover{border-color:var(--accent)}
            button.danger{color:var(--down)}
            input[type=checkbox]{margin:0;vertical-align:middle}
            """;

    private final boolean hasActions;
    private final String token;
    private final int refreshSeconds;

    Page(boolean hasActions, String token, int refreshSeconds) {
        this.hasActions = hasActions;
        this.token = token;
        this.refreshSeconds = refreshSeconds;
    }

    /**
     * @param base path of the page, to which forms are sent
     * @param message what came of the last action; empty for none
     * @param isStill does not load itself again
     */
    String html(
            ProcessReport process,
            List<ServiceReport> services,
            String base,
            String message,
            boolean isStill) {
        StringBuilder out = new StringBuilder(16_384);
        out.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        out.append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
        if (refreshSeconds > 0 && !isStill) {
            out.append("<meta http-equiv=\"refresh\" content=\"")
                    .append(refreshSeconds)
                    .append(";url=")
                    .append(escape(base))
                    .append("\">");
        }
        out.append("<title>")
                .append(escape(process.node()))
                .append(" · services</title><style>")
                .append(STYLE)
                .append("</style></head><body>\n");
        header(out, process, base, isStill);
        if (!message.isEmpty()) {
            out.append("<div class=\"note\" role=\"status\">")
                    .append(escape(message))
                    .append("</div>\n");
        }
        if (services.isEmpty()) {
            out.append("<p class=\"dim\">No services are configured.</p>\n");
        }
        services.forEach(service -> service(out, service, base));
        return out.append("</body></html>\n").toString();
    }

    private void header(StringBuilder out, ProcessReport process, String base, boolean isStill) {
        String here = escape(base.endsWith("/") ? base : base + "/");
        out.append("<header><h1>").append(escape(process.node())).append("</h1>");
        out.append("<div class=\"facts dim\"><span>pgnode ")
                .append(escape(process.version()))
                .append("</span><span>pid <b>")
                .append(process.pid())
                .append("</b></span><span>up <b>")
                .append(duration(process.uptimeSeconds()))
                .append("</b></span><span>sessions <b>")
                .append(number(process.connections()))
                .append("</b> of ")
                .append(number(process.connectionLimit()))
                .append("</span><span>rate <b>")
                .append(number(process.rate()))
                .append("/s</b></span><span>idle <b>")
                .append(process.idlePercent())
                .append(" %</b></span></div><nav>");
        if (refreshSeconds > 0) {
            out.append("<a href=\"")
                    .append(here)
                    .append(isStill ? "" : ";norefresh")
                    .append("\">")
                    .append(isStill ? "refresh on" : "refresh off")
                    .append("</a>");
        }
        out.append("<a href=\"").append(here).append(";csv\">CSV</a>");
        out.append("<a href=\"").append(here).append(";json\">JSON</a>");
        out.append("<a href=\"/metrics\">metrics</a></nav></header>\n");
    }

    private void service(StringBuilder out, ServiceReport service, String base) {
        out.append("<section id=\"").append(escape(service.name())).append("\">");
        if (hasActions) {
            out.append("<form method=\"post\" action=\"").append(escape(base)).append("\">");
            hidden(out, "b", service.name());
            hidden(out, "token", token);
        }
        out.append("<div class=\"top\"><h2>").append(escape(service.name())).append("</h2>");
        boolean hasBackupOnly =
                service.isUp() && service.serving(false) == 0 && service.serving(true) > 0;
        pill(
                out,
                service.isUp() ? hasBackupOnly ? "BACKUP" : "UP" : "DOWN",
                service.isUp() ? hasBackupOnly ? "warn" : "up" : "down");
        out.append("<span class=\"dim\">")
                .append(service.mode().text())
                .append(" · ")
                .append(escape(service.binds()))
                .append(" · ")
                .append(escape(service.balance()))
                .append(service.isOpen() ? "" : " · <span class=\"bad\">not listening</span>")
                .append("</span><span class=\"dim\">")
                .append(service.isUp() ? "up" : "down")
                .append(" for ")
                .append(duration(service.changedSeconds()))
                .append("</span></div>\n<div class=\"scroll\"><table><thead><tr>");
        heads(out);
        out.append("</tr></thead><tbody>\n");
        for (ServerReport server : service.servers()) {
            server(out, server);
        }
        if (service.servers().isEmpty()) {
            out.append("<tr><td class=\"l dim\" colspan=\"99\">No members are known.</td></tr>\n");
        }
        sum(out, service);
        out.append("</tbody></table></div>");
        if (hasActions) {
            actions(out);
            out.append("</form>");
        }
        out.append("</section>\n");
    }

    private static void hidden(StringBuilder out, String name, String value) {
        out.append("<input type=\"hidden\" name=\"")
                .append(name)
                .append("\" value=\"")
                .append(escape(value))
                .append("\">");
    }

    private void heads(StringBuilder out) {
        if (hasActions) {
            out.append("<th class=\"l\"><span title=\"chosen for the action below\">✓</span></th>");
        }
        out.append("<th class=\"l\">member</th><th class=\"l\">status</th>");
        out.append("<th class=\"l\">reason</th><th class=\"l\">address</th><th>weight</th>");
        out.append("<th class=\"g\">sessions</th><th>max</th><th>limit</th><th>total</th>");
        out.append("<th>rate/s</th><th title=\"clients that wait now / at most\">queue</th>");
        out.append("<th class=\"g\">in</th><th>out</th>");
        out.append("<th class=\"g\" title=\"connection errors\">errors</th>");
        out.append("<th title=\"retries / redispatches\">retries</th>");
        out.append("<th title=\"averages: queue / connect / session\">q / c / session</th>");
        out.append("<th class=\"g\">since</th><th>downtime</th>");
    }

    private void server(StringBuilder out, ServerReport server) {
        Counts counts = server.counts();
        out.append("<tr>");
        if (hasActions) {
            out.append("<td class=\"l\"><input type=\"checkbox\" name=\"s\" value=\"")
                    .append(escape(server.name()))
                    .append("\" aria-label=\"")
                    .append(escape(server.name()))
                    .append("\"></td>");
        }
        out.append("<td class=\"l name\">").append(escape(server.name()));
        if (server.isBackup()) {
            out.append(" <span class=\"dim\">backup</span>");
        }
        out.append("</td><td class=\"l\">");
        pill(out, StatRows.status(server), style(server));
        out.append("</td><td class=\"l why\" title=\"")
                .append(escape(server.why()))
                .append("\">")
                .append(escape(server.why()))
                .append("</td><td class=\"l\">")
                .append(escape(server.address().toString()))
                .append("</td><td>")
                .append(server.weight());
        if (server.throttle() < 100) {
            out.append(" <span class=\"dim\">").append(server.throttle()).append(" %</span>");
        }
        out.append("</td>");
        cells(out, counts, server.limit() == 0 ? "–" : number(server.limit()), "–");
        out.append("<td>")
                .append(duration(server.changedSeconds()))
                .append("</td><td>")
                .append(duration(server.downtimeSeconds()))
                .append("</td></tr>\n");
    }

    private static String style(ServerReport server) {
        return switch (server.status()) {
            case UP -> "up";
            case DOWN -> "down";
            case NOLB, DRAIN -> "warn";
            case MAINT -> "idle";
        };
    }

    private void sum(StringBuilder out, ServiceReport service) {
        out.append("<tr class=\"sum\">");
        if (hasActions) {
            out.append("<td></td>");
        }
        out.append("<td class=\"l\" colspan=\"4\">all</td><td>")
                .append(service.weight())
                .append("</td>");
        Counts counts = service.backend();
        cells(out, counts, number(service.limit()), number(counts.queued()));
        out.append("<td>")
                .append(duration(service.changedSeconds()))
                .append("</td><td>")
                .append(duration(service.downtimeSeconds()))
                .append("</td></tr>\n");
    }

    private static void cells(StringBuilder out, Counts counts, String limit, String queued) {
        boolean hasQueue = !queued.equals("–");
        cell(out, number(counts.sessions()));
        cell(out, number(counts.maxSessions()));
        cell(out, limit);
        cell(out, number(counts.sessionsTotal()));
        cell(out, number(counts.rate()));
        cell(out, hasQueue ? queued + " / " + number(counts.maxQueued()) : "–");
        cell(out, bytes(counts.bytesIn()));
        cell(out, bytes(counts.bytesOut()));
        long errors = counts.connectErrors() + counts.refused();
        out.append(errors > 0 ? "<td class=\"bad\">" : "<td>")
                .append(number(errors))
                .append("</td>");
        cell(out, number(counts.retries()) + " / " + number(counts.redispatches()));
        cell(
                out,
                millis(counts.queueMillis())
                        + " / "
                        + millis(counts.connectMillis())
                        + " / "
                        + millis(counts.totalMillis()));
    }

    private static void cell(StringBuilder out, String text) {
        out.append("<td>").append(text).append("</td>");
    }

    private static void actions(StringBuilder out) {
        out.append("<div class=\"actions\"><span class=\"dim\">chosen members:</span>");
        button(out, "ready", "Ready", "");
        button(out, "drain", "Drain", "");
        button(out, "maint", "Maintenance", "");
        button(out, "shutdown", "Kill sessions", " class=\"danger\"");
        out.append("</div>");
    }

    private static void button(StringBuilder out, String action, String label, String more) {
        out.append("<button name=\"action\" value=\"")
                .append(action)
                .append('"')
                .append(more)
                .append('>')
                .append(label)
                .append("</button>");
    }

    private static void pill(StringBuilder out, String text, String style) {
        out.append("<span class=\"pill ")
                .append(style)
                .append("\">")
                .append(escape(text))
                .append("</span>");
    }

    static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value).replace(',', '\u202f');
    }

    static String bytes(long value) {
        String[] units = {"B", "kB", "MB", "GB", "TB", "PB"};
        double size = value;
        int unit = 0;
        while (size >= 1000 && unit < units.length - 1) {
            size /= 1000;
            unit++;
        }
        String digits = unit == 0 || size >= 100 ? "%.0f" : "%.1f";
        return String.format(Locale.ROOT, digits, size) + " " + units[unit];
    }

    private static String millis(long millis) {
        return millis < 1000 ? millis + " ms" : duration(millis / 1000);
    }

    static String duration(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min " + seconds % 60 + " s";
        }
        if (seconds < 86_400) {
            return seconds / 3600 + " h " + seconds / 60 % 60 + " min";
        }
        return seconds / 86_400 + " d " + seconds / 3600 % 24 + " h";
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
