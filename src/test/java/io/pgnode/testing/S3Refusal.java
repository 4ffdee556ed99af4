package io.pgnode.testing;

/** An error of S3: a status, and a code. */
final class S3Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    final int status;
    final String code;

    S3Refusal(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    String body() {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>"
                + code
                + "</Code><Message>"
                + S3Call.xml(String.valueOf(getMessage()))
                + "</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>";
    }
}
