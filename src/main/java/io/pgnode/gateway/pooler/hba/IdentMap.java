package io.pgnode.gateway.pooler.hba;

import io.pgnode.gateway.pooler.hba.HbaTokens.Token;
import io.pgnode.gateway.pooler.ini.IniProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** The user name maps of pg_ident.conf: which roles somebody known outside may be. */
public final class IdentMap {
    /**
     * A line.
     *
     * @param outside the outside name; a pattern when {@code pattern} is set
     * @param role may hold {@code \1}, what the pattern's first group matched
     */
    private record Line(
            String map,
            String outside,
            @Nullable Pattern pattern,
            String role,
            boolean isAnyRole,
            @Nullable Pattern rolePattern) {
        boolean fits(String wanted, String user) {
            if (pattern == null) {
                return outside.equals(wanted) && isRole(role, user);
            }
            Matcher matcher = pattern.matcher(wanted);
            if (!matcher.find()) {
                return false;
            }
            String group =
                    matcher.groupCount() > 0 && matcher.group(1) != null ? matcher.group(1) : "";
            return isRole(role.replace("\\1", group), user);
        }

        private boolean isRole(String name, String user) {
            if (isAnyRole) {
                return true;
            }
            return rolePattern == null ? name.equals(user) : rolePattern.matcher(user).find();
        }
    }

    private final List<Line> lines = new ArrayList<>();

    private IdentMap() {}

    /** No maps at all. */
    public static IdentMap none() {
        return new IdentMap();
    }

    public static IdentMap read(Path file, List<IniProblem> problems) {
        try {
            return parse(Files.readAllLines(file), file.toString(), problems);
        } catch (IOException e) {
            problems.add(new IniProblem(file.toString(), "cannot be read", ""));
            return none();
        }
    }

    public static IdentMap parse(List<String> raw, String file, List<IniProblem> problems) {
        IdentMap maps = new IdentMap();
        for (HbaTokens.Line line : HbaTokens.lines(raw)) {
            String where = file + ":" + line.number();
            Optional<List<List<Token>>> fields = HbaTokens.fields(line.text());
            if (fields.isEmpty()) {
                problems.add(new IniProblem(where, "a quote does not end", ""));
            } else if (!fields.get().isEmpty()) {
                maps.line(fields.get(), where, problems);
            }
        }
        return maps;
    }

    private void line(List<List<Token>> fields, String where, List<IniProblem> problems) {
        if (fields.size() != 3 || fields.stream().anyMatch(field -> field.size() != 1)) {
            problems.add(
                    new IniProblem(
                            where, "not a line of the form MAP SYSTEM-USER DATABASE-USER", ""));
            return;
        }
        Token outside = fields.get(1).getFirst();
        Token role = fields.get(2).getFirst();
        if (role.begins("+")) {
            problems.add(
                    new IniProblem(
                            where,
                            role.text()
                                    + " is not supported: memberships of roles are not known here",
                            "write a line for each role"));
            return;
        }
        try {
            Pattern pattern =
                    outside.isPattern() ? Pattern.compile(outside.text().substring(1)) : null;
            Pattern rolePattern =
                    role.isPattern() ? Pattern.compile(role.text().substring(1)) : null;
            boolean needsGroup = role.text().contains("\\1");
            if (needsGroup && (pattern == null || pattern.matcher("").groupCount() == 0)) {
                problems.add(
                        new IniProblem(
                                where, "\\1 in " + role.text() + " has no group to stand for", ""));
                return;
            }
            lines.add(
                    new Line(
                            fields.getFirst().getFirst().text(),
                            outside.text(),
                            pattern,
                            role.text(),
                            role.is("all"),
                            rolePattern));
        } catch (PatternSyntaxException e) {
            problems.add(
                    new IniProblem(where, "invalid regular expression: " + e.getDescription(), ""));
        }
    }

    /**
     * Whether somebody may log in as this role.
     *
     * @param map empty when the names must be equal
     * @param outside name of the certificate or of the operating system's account
     */
    public boolean allows(String map, String outside, String role) {
        if (map.isEmpty()) {
            return outside.equals(role);
        }
        return lines.stream().anyMatch(line -> line.map().equals(map) && line.fits(outside, role));
    }
}
