package io.pgnode.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Reads YAML into settings, following the schema. Nothing is ever constructed from tags; sizes,
 * depth and aliases are limited.
 */
final class ConfigFile {
    /** A configuration of a thousand hba lines has about 100 kB. */
    static final int MAX_CHARACTERS = 1 << 20;

    /** Sections inside sections. */
    private static final int MAX_DEPTH = 20;

    /** Aliases multiply; nobody needs many. */
    private static final int MAX_ALIASES = 20;

    private final String file;
    private final Findings findings;

    ConfigFile(String file, Findings findings) {
        this.file = file;
        this.findings = findings;
    }

    void read(String text) {
        Node root = compose(text);
        if (root != null && !isEmpty(root)) {
            section("", Schema.root(), root);
        }
    }

    /** The elements of a list of plain values; empty when the text is anything else. */
    static Optional<List<String>> sequence(String text) {
        try {
            return parse(text) instanceof SequenceNode sequence
                            && sequence.getValue().stream().allMatch(ScalarNode.class::isInstance)
                    ? Optional.of(sequence.getValue().stream().map(ConfigFile::scalar).toList())
                    : Optional.empty();
        } catch (YAMLException e) {
            return Optional.empty();
        }
    }

    private @Nullable Node compose(String text) {
        try {
            return parse(text);
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            findings.unreadable("", at(line), "not valid YAML: " + oneLine(e.getProblem()), "");
            return null;
        } catch (YAMLException e) {
            findings.unreadable("", at(1), "not valid YAML: " + oneLine(e.getMessage()), "");
            return null;
        }
    }

    private static @Nullable Node parse(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_CHARACTERS);
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setMaxAliasesForCollections(MAX_ALIASES);
        return new Composer(
                        new ParserImpl(new StreamReader(text), options), new Resolver(), options)
                .getSingleNode();
    }

    private void section(String key, Schema.Section schema, Node node) {
        for (NodeTuple tuple : tuples(key, node)) {
            String name = scalar(tuple.getKeyNode());
            Schema.@Nullable Node child = schema.children().get(name);
            if (child == null) {
                UnknownKeys.report(findings, key, name, schema, where(tuple.getKeyNode()));
            } else {
                value(Schema.join(key, name), child, tuple.getValueNode());
            }
        }
    }

    private void value(String key, Schema.Node schema, Node node) {
        if (isEmpty(node)) {
            return; // a key without a value has its default
        }
        switch (schema) {
            case Schema.Section section -> section(key, section, node);
            case Schema.Table table -> {
                for (NodeTuple tuple : tuples(key, node)) {
                    String name = scalar(tuple.getKeyNode());
                    value(
                            Schema.join(key, Names.quoted(name)),
                            table.value(),
                            tuple.getValueNode());
                }
            }
            case Schema.Leaf leaf -> leaf(key, leaf, node);
        }
    }

    private void leaf(String key, Schema.Leaf leaf, Node node) {
        if (leaf.type() == JsonTree.class) {
            if (node instanceof MappingNode) {
                set(key, leaf, List.of(YamlJson.convert(node).toString()), node);
            } else {
                findings.unreadable(key, where(node), key + " must be a section of keys", "");
            }
        } else if (leaf.list()) {
            list(key, leaf, node);
        } else if (node instanceof ScalarNode scalar) {
            set(key, leaf, List.of(scalar.getValue()), node);
        } else {
            String kind = node instanceof SequenceNode ? "a list" : "a section";
            findings.unreadable(key, where(node), key + " is " + kind + ", must be one value", "");
        }
    }

    /** A list, or a single value for a list of one; elements of the form {@code name: value}. */
    private void list(String key, Schema.Leaf leaf, Node node) {
        List<Node> nodes =
                node instanceof SequenceNode sequence ? sequence.getValue() : List.of(node);
        List<String> values = new ArrayList<>();
        for (Node element : nodes) {
            if (element instanceof ScalarNode scalar) {
                values.add(scalar.getValue());
            } else if (element instanceof MappingNode mapping
                    && leaf.type() == CommandOption.class) {
                for (NodeTuple tuple : tuples(key, mapping)) {
                    values.add(scalar(tuple.getKeyNode()) + "=" + scalar(tuple.getValueNode()));
                }
            } else {
                findings.unreadable(
                        key, where(element), key + " must be a list of plain values", "");
                return;
            }
        }
        set(key, leaf, values, node);
    }

    private void set(String key, Schema.Leaf leaf, List<String> values, Node node) {
        findings.set(new Setting(key, leaf, values, where(node)));
    }

    /** The keys of a section, each once; none when it is not one. */
    private List<NodeTuple> tuples(String key, Node node) {
        if (!(node instanceof MappingNode mapping)) {
            String what = key.isEmpty() ? "the file" : key;
            findings.unreadable(key, where(node), what + " must be a section of keys", "");
            return List.of();
        }
        Map<String, Integer> lines = new HashMap<>();
        List<NodeTuple> tuples = new ArrayList<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Node keyNode = tuple.getKeyNode();
            if (!(keyNode instanceof ScalarNode) || keyNode.getTag().equals(Tag.MERGE)) {
                findings.unreadable(key, where(keyNode), "keys must be plain names", "");
                continue;
            }
            String name = scalar(keyNode);
            Integer earlier = lines.putIfAbsent(name, line(keyNode));
            if (earlier == null) {
                tuples.add(tuple);
            } else {
                String full = Schema.join(key, Names.quoted(name));
                findings.unreadable(
                        full,
                        where(keyNode),
                        full + " is given twice, first in line " + earlier,
                        "keep one of them");
            }
        }
        return tuples;
    }

    private Origin where(Node node) {
        return at(line(node));
    }

    private Origin at(int line) {
        return new Origin.InFile(file, line);
    }

    private static int line(Node node) {
        return node.getStartMark() == null ? 1 : node.getStartMark().getLine() + 1;
    }

    private static String scalar(Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    private static boolean isEmpty(Node node) {
        return node instanceof ScalarNode scalar
                && (scalar.getTag().equals(Tag.NULL) || scalar.getValue().isEmpty());
    }

    private static String oneLine(@Nullable String text) {
        return text == null ? "unreadable" : text.replaceAll("\\s+", " ");
    }
}
