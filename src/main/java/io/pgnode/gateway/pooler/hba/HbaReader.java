package io.pgnode.gateway.pooler.hba;

import io.pgnode.gateway.pooler.hba.HbaTokens.Token;
import io.pgnode.gateway.pooler.ini.IniProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Reads pg_hba.conf; all that is wrong with it is collected, and then it must not be used. */
public final class HbaReader {
    private static final int MAX_INCLUDES = 10;
    private static final Set<String> UNSUPPORTED_METHODS =
            Set.of("gss", "sspi", "ident", "pam", "bsd", "ldap", "radius", "oauth");

    private final List<HbaLine> lines = new ArrayList<>();
    private final List<IniProblem> problems;

    private HbaReader(List<IniProblem> problems) {
        this.problems = problems;
    }

    /**
     * @param problems receives what is wrong
     */
    public static Hba read(Path file, List<IniProblem> problems) {
        HbaReader reader = new HbaReader(problems);
        reader.read(file, 0);
        return new Hba(reader.lines);
    }

    /**
     * @param lines of a file
     * @param file names the lines in problems, and is where other files are looked for
     */
    public static Hba parse(List<String> lines, Path file, List<IniProblem> problems) {
        HbaReader reader = new HbaReader(problems);
        reader.parse(lines, file, 0);
        return new Hba(reader.lines);
    }

    private void read(Path file, int depth) {
        try {
            parse(Files.readAllLines(file), file, depth);
        } catch (IOException e) {
            problems.add(new IniProblem(file.toString(), "cannot be read", ""));
        }
    }

    private void parse(List<String> raw, Path file, int depth) {
        for (HbaTokens.Line line : HbaTokens.lines(raw)) {
            String where = file + ":" + line.number();
            Optional<List<List<Token>>> fields = HbaTokens.fields(line.text());
            if (fields.isEmpty()) {
                wrong(where, "a quote does not end", "");
            } else if (!fields.get().isEmpty()) {
                line(fields.get(), file, where, depth);
            }
        }
    }

    private void wrong(String where, String message, String hint) {
        problems.add(new IniProblem(where, message, hint));
    }

    private void line(List<List<Token>> fields, Path file, String where, int depth) {
        String first = fields.getFirst().getFirst().text();
        if (first.equals("include") || first.equals("include_if_exists")) {
            include(fields, file, where, depth);
            return;
        }
        HbaLine.Kind kind = kind(first, where);
        if (kind == null) {
            return;
        }
        boolean isLocal = kind == HbaLine.Kind.LOCAL;
        if (fields.size() < (isLocal ? 4 : 5)) {
            wrong(
                    where,
                    "the line ends too early",
                    isLocal
                            ? "local DATABASE USER METHOD [OPTIONS]"
                            : first + " DATABASE USER ADDRESS METHOD [OPTIONS]");
            return;
        }
        NameList databases = names(fields.get(1), file, where, true, depth);
        NameList users = names(fields.get(2), file, where, false, depth);
        int at = 3;
        AddressRange addresses = AddressRange.ALL;
        if (!isLocal) {
            Addresses found = addresses(fields, where);
            if (found == null) {
                return;
            }
            addresses = found.range();
            at = found.next();
        }
        if (at >= fields.size()) {
            wrong(where, "no authentication method", "");
            return;
        }
        HbaMethod method = method(fields.get(at), kind, where);
        String map = options(fields.subList(at + 1, fields.size()), method, where);
        if (method != null) {
            lines.add(new HbaLine(where, kind, databases, users, addresses, method, map));
        }
    }

    private void include(List<List<Token>> fields, Path file, String where, int depth) {
        if (fields.size() != 2 || depth >= MAX_INCLUDES) {
            wrong(
                    where,
                    depth >= MAX_INCLUDES
                            ? "files include each other too deeply"
                            : "include takes one file",
                    "");
            return;
        }
        Path other = file.resolveSibling(fields.get(1).getFirst().text());
        boolean mayMiss = fields.getFirst().getFirst().text().equals("include_if_exists");
        if (!mayMiss || Files.exists(other)) {
            read(other, depth + 1);
        }
    }

    private HbaLine.@Nullable Kind kind(String word, String where) {
        return switch (word) {
            case "local" -> HbaLine.Kind.LOCAL;
            case "host", "hostnogssenc" -> HbaLine.Kind.HOST;
            case "hostssl" -> HbaLine.Kind.HOST_TLS;
            case "hostnossl" -> HbaLine.Kind.HOST_PLAIN;
            case "hostgssenc" -> {
                wrong(where, "hostgssenc is not supported", "GSSAPI encryption is not spoken");
                yield null;
            }
            default -> {
                wrong(
                        where,
                        "invalid connection type \"" + word + "\"",
                        "known are local, host, hostssl and hostnossl");
                yield null;
            }
        };
    }

    private NameList names(
            List<Token> tokens, Path file, String where, boolean areDatabases, int depth) {
        List<NameList.Name> names = new ArrayList<>();
        for (Token token : tokens) {
            if (token.begins("@")) {
                names.addAll(fileNames(token, file, where, areDatabases, depth));
            } else {
                NameList.Name name = name(token, where, areDatabases);
                if (name != null) {
                    names.add(name);
                }
            }
        }
        return new NameList(names);
    }

    private List<NameList.Name> fileNames(
            Token token, Path file, String where, boolean areDatabases, int depth) {
        Path other = file.resolveSibling(token.text().substring(1));
        if (depth >= MAX_INCLUDES) {
            wrong(where, "files include each other too deeply", "");
            return List.of();
        }
        List<NameList.Name> names = new ArrayList<>();
        try {
            for (HbaTokens.Line line : HbaTokens.lines(Files.readAllLines(other))) {
                List<List<Token>> fields = HbaTokens.fields(line.text()).orElse(null);
                String at = other + ":" + line.number();
                if (fields == null) {
                    wrong(at, "a quote does not end", "");
                    continue;
                }
                for (List<Token> field : fields) {
                    names.addAll(names(field, other, at, areDatabases, depth + 1).names());
                }
            }
        } catch (IOException e) {
            wrong(where, other + " cannot be read", "");
        }
        return names;
    }

    private NameList.@Nullable Name name(Token token, String where, boolean isDatabase) {
        if (token.is("all")) {
            return new NameList.Name.All();
        }
        if (isDatabase && token.is("sameuser")) {
            return new NameList.Name.SameUser();
        }
        if (isDatabase && token.is("replication")) {
            return new NameList.Name.Replication();
        }
        if (isDatabase && (token.is("samerole") || token.is("samegroup"))
                || !isDatabase && token.begins("+")) {
            wrong(
                    where,
                    token.text() + " is not supported: memberships of roles are not known here",
                    "list the roles, in a file with @ when there are many");
            return null;
        }
        if (token.isPattern()) {
            return pattern(token.text().substring(1), where)
                    .<NameList.Name>map(NameList.Name.Matching::new)
                    .orElse(null);
        }
        return new NameList.Name.Literal(token.text());
    }

    private Optional<Pattern> pattern(String text, String where) {
        try {
            return Optional.of(Pattern.compile(text));
        } catch (PatternSyntaxException e) {
            wrong(where, "invalid regular expression \"" + text + "\": " + e.getDescription(), "");
            return Optional.empty();
        }
    }

    /**
     * @param next index of the field behind
     */
    private record Addresses(AddressRange range, int next) {}

    private @Nullable Addresses addresses(List<List<Token>> fields, String where) {
        Token token = fields.get(3).getFirst();
        String text = token.text();
        if (fields.get(3).size() > 1) {
            wrong(where, "several addresses in one line", "write a line for each");
            return null;
        }
        if (token.is("all")) {
            return new Addresses(AddressRange.ALL, 4);
        }
        if (token.is("samehost") || token.is("samenet")) {
            wrong(where, text + " is not supported", "write the addresses");
            return null;
        }
        if (text.contains("/")) {
            AddressRange range = AddressRange.cidr(text).orElse(null);
            if (range == null) {
                wrong(where, "invalid address range \"" + text + "\"", "as in 192.168.0.0/16");
                return null;
            }
            return new Addresses(range, 4);
        }
        if (AddressRange.literal(text).isEmpty()) {
            wrong(
                    where,
                    "invalid address \"" + text + "\": host names are not supported",
                    "a login must not wait for a name server; write addresses");
            return null;
        }
        String mask = fields.get(4).getFirst().text();
        AddressRange range = AddressRange.masked(text, mask).orElse(null);
        if (range == null) {
            wrong(where, "invalid mask \"" + mask + "\" of " + text, "write " + text + "/BITS");
            return null;
        }
        return new Addresses(range, 5);
    }

    private @Nullable HbaMethod method(List<Token> field, HbaLine.Kind kind, String where) {
        String word = field.getFirst().text().toLowerCase(Locale.ROOT);
        HbaMethod method = HbaMethod.of(word).orElse(null);
        if (method == null) {
            wrong(
                    where,
                    UNSUPPORTED_METHODS.contains(word)
                            ? "authentication method " + word + " is not supported"
                            : "invalid authentication method \"" + word + "\"",
                    "known are trust, reject, md5, scram-sha-256, password, cert and peer");
        } else if (method == HbaMethod.PEER && kind != HbaLine.Kind.LOCAL) {
            wrong(where, "peer authentication is only supported on local sockets", "");
        } else if (method == HbaMethod.CERT && kind != HbaLine.Kind.HOST_TLS) {
            wrong(where, "cert authentication is only supported on hostssl connections", "");
        }
        return method;
    }

    private String options(List<List<Token>> fields, @Nullable HbaMethod method, String where) {
        String map = "";
        for (List<Token> field : fields) {
            String text = String.join(",", field.stream().map(Token::text).toList());
            int equals = text.indexOf('=');
            String name = equals < 0 ? text : text.substring(0, equals);
            String value = equals < 0 ? "" : text.substring(equals + 1);
            if (equals < 0) {
                wrong(where, "option \"" + text + "\" is not of the form name=value", "");
            } else if (name.equals("map")) {
                map = value;
                if (method != HbaMethod.PEER && method != HbaMethod.CERT) {
                    wrong(where, "map= is only for the methods peer and cert", "");
                }
            } else if (!(name.equals("clientcert") && method == HbaMethod.CERT)
                    && !(name.equals("clientname") && value.equals("CN"))) {
                wrong(where, "option " + name + " is not supported", "");
            }
        }
        return map;
    }
}
