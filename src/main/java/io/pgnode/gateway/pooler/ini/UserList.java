package io.pgnode.gateway.pooler.ini;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * PgBouncer's user list: {@code "user" "secret"} a line, quotes doubled inside, the rest of a line
 * ignored.
 *
 * @param secrets by role; plain, md5 or SCRAM
 */
public record UserList(Map<String, String> secrets, List<IniProblem> problems) {
    public UserList {
        secrets = Map.copyOf(secrets);
        problems = List.copyOf(problems);
    }

    public static UserList read(Path file) throws IOException {
        Map<String, String> secrets = new LinkedHashMap<>();
        List<IniProblem> problems = new ArrayList<>();
        int number = 0;
        for (String raw : Files.readAllLines(file)) {
            number++;
            String line = raw.strip();
            if (line.isEmpty() || line.startsWith(";") || line.startsWith("#")) {
                continue;
            }
            StringBuilder user = new StringBuilder();
            StringBuilder secret = new StringBuilder();
            int end = quoted(line, 0, user);
            end = end < 0 ? -1 : quoted(line, end, secret);
            if (end < 0) {
                problems.add(
                        new IniProblem(
                                file + ":" + number,
                                "not a line of the form \"user\" \"secret\"",
                                ""));
            } else {
                secrets.put(user.toString(), secret.toString());
            }
        }
        return new UserList(secrets, problems);
    }

    private static int quoted(String line, int from, StringBuilder text) {
        int at = from;
        while (at < line.length() && Character.isWhitespace(line.charAt(at))) {
            at++;
        }
        if (at >= line.length() || line.charAt(at) != '"') {
            return -1;
        }
        at++;
        while (at < line.length()) {
            char c = line.charAt(at++);
            if (c != '"') {
                text.append(c);
            } else if (at < line.length() && line.charAt(at) == '"') {
                text.append('"');
                at++;
            } else {
                return at;
            }
        }
        return -1;
    }

    /** Without the secrets. */
    @Override
    public String toString() {
        return "UserList" + secrets.keySet();
    }
}
