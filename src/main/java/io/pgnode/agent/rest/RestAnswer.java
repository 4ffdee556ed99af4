package io.pgnode.agent.rest;

import java.util.Map;

/**
 * What a member's REST API answered.
 *
 * @param headers names in lower case
 */
public record RestAnswer(int status, String text, Map<String, String> headers) {
    public RestAnswer {
        headers = Map.copyOf(headers);
    }

    /** Done (200), or accepted to be done later (202). */
    public boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    /** What to do about a refusal that is not about the cluster; empty when there is nothing. */
    public String hint() {
        return switch (status) {
            case 401 -> "HINT: set restapi.username and restapi.password to those of the member";
            case 403 ->
                    "HINT: the member's restapi.allowlist or restapi.verify-client keeps this host"
                            + " out; run the command on a member";
            case 501 -> "HINT: the member runs another version that does not know this request";
            default -> "";
        };
    }
}
