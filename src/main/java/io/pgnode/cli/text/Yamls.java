package io.pgnode.cli.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** YAML text and its tree, in the types of JSON. */
public final class Yamls {
    private Yamls() {}

    /** Block style, ended by a newline. */
    public static String dump(JsonNode node) {
        return yaml().dump(toPlain(node));
    }

    /**
     * @throws IllegalArgumentException with one sentence that says where it is wrong
     */
    public static JsonNode parse(String text) {
        try {
            return fromPlain(yaml().load(text));
        } catch (MarkedYAMLException e) {
            String where =
                    e.getProblemMark() == null
                            ? ""
                            : " at line " + (e.getProblemMark().getLine() + 1);
            throw new IllegalArgumentException("no valid YAML" + where + ": " + e.getProblem(), e);
        } catch (YAMLException e) {
            throw new IllegalArgumentException("no valid YAML: " + e.getMessage(), e);
        }
    }

    private static Yaml yaml() {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setSplitLines(false);
        LoaderOptions loading = new LoaderOptions();
        loading.setAllowDuplicateKeys(false);
        return new Yaml(
                new SafeConstructor(loading),
                new Representer(options),
                options,
                loading,
                new Resolver());
    }

    private static @Nullable Object toPlain(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                node.properties().forEach(e -> map.put(e.getKey(), toPlain(e.getValue())));
                yield map;
            }
            case ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                node.forEach(item -> list.add(toPlain(item)));
                yield list;
            }
            case BOOLEAN -> node.booleanValue();
            case NUMBER -> node.numberValue();
            case NULL, MISSING -> null;
            case STRING, BINARY, POJO -> node.asText();
        };
    }

    private static JsonNode fromPlain(@Nullable Object value) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (value) {
            case null -> nodes.nullNode();
            case Map<?, ?> map -> {
                ObjectNode object = nodes.objectNode();
                map.forEach((k, v) -> object.set(String.valueOf(k), fromPlain(v)));
                yield object;
            }
            case Iterable<?> items -> {
                ArrayNode array = nodes.arrayNode();
                items.forEach(item -> array.add(fromPlain(item)));
                yield array;
            }
            case Boolean b -> nodes.booleanNode(b);
            case Integer i -> nodes.numberNode(i);
            case Long l -> nodes.numberNode(l);
            case BigInteger i -> nodes.numberNode(i);
            case Number n -> nodes.numberNode(n.doubleValue());
            case Date date -> nodes.textNode(date.toInstant().toString());
            default -> nodes.textNode(value.toString());
        };
    }
}
