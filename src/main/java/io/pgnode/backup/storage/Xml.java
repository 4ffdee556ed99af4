package io.pgnode.backup.storage;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.MissingResourceException;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * An element of a store's answer: its text, or the elements in it. Knows neither document types nor
 * entities but the five of XML itself.
 */
record Xml(String name, String text, List<Xml> children) {
    private static final int MAX_DEPTH = 16;

    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        factory.setXMLResolver(
                (_, _, _, _) -> {
                    throw new XMLStreamException("external entities are not read");
                });
        return factory;
    }

    /**
     * @throws IOException when it is not well-formed, or has what it may not have
     */
    static Xml parse(byte[] document) throws IOException {
        try {
            // A store that takes its time sends blanks first.
            int start = 0;
            while (start < document.length && document[start] <= ' ' && document[start] > 0) {
                start++;
            }
            XMLStreamReader reader =
                    factory()
                            .createXMLStreamReader(
                                    new ByteArrayInputStream(
                                            document, start, document.length - start));
            while (reader.next() != XMLStreamConstants.START_ELEMENT) {
                if (reader.getEventType() == XMLStreamConstants.DTD) {
                    throw new BadAnswerException("XML has a document type, which is not read");
                }
            }
            return element(reader, 0);
        } catch (XMLStreamException | MissingResourceException e) {
            throw new BadAnswerException("not well-formed XML", e);
        }
    }

    private static Xml element(XMLStreamReader reader, int depth)
            throws XMLStreamException, IOException {
        if (depth > MAX_DEPTH) {
            throw new BadAnswerException("XML is nested too deeply");
        }
        String name = reader.getLocalName();
        var text = new StringBuilder();
        var children = new ArrayList<Xml>();
        while (true) {
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> children.add(element(reader, depth + 1));
                case XMLStreamConstants.END_ELEMENT -> {
                    return new Xml(name, text.toString(), children);
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA ->
                        text.append(reader.getText());
                case XMLStreamConstants.ENTITY_REFERENCE ->
                        throw new BadAnswerException("XML has an unknown entity");
                default -> {
                    // Comments and the like say nothing.
                }
            }
        }
    }

    /** The text of an element in it; empty when there is none. */
    String textOf(String child) {
        Xml found = child(child);
        return found == null ? "" : found.text;
    }

    @Nullable Xml child(String childName) {
        for (Xml child : children) {
            if (child.name.equals(childName)) {
                return child;
            }
        }
        return null;
    }

    List<Xml> all(String childName) {
        return children.stream().filter(child -> child.name.equals(childName)).toList();
    }

    /** Whether XML can say it at all. */
    static boolean isText(String text) {
        return text.codePoints()
                .noneMatch(
                        c -> c < ' ' || c >= 0xD800 && c <= 0xDFFF || c >= 0xFFFE && c <= 0xFFFF);
    }

    /** Text inside of an element. */
    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
