package io.pgnode.os;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.jboss.logmanager.ExtFormatter;
import org.jboss.logmanager.ExtLogRecord;

/**
 * One JSON object a line: time, level, logger, thread, message, and a stack trace if there is one.
 */
final class JsonLogFormatter extends ExtFormatter {
    @Override
    public String format(ExtLogRecord line) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("timestamp", line.getInstant().toString());
        json.put("level", line.getLevel().getName());
        json.put("logger", line.getLoggerName());
        json.put("thread", line.getThreadName());
        json.put("message", formatMessage(line));
        Throwable thrown = line.getThrown();
        if (thrown != null) {
            StringWriter stack = new StringWriter();
            thrown.printStackTrace(new PrintWriter(stack));
            json.put("stack_trace", stack.toString());
        }
        return json + "\n";
    }
}
