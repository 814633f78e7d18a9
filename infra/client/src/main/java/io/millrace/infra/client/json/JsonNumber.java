package io.millrace.infra.client.json;

/**
 * A number as it stands in a text. So no digit is lost, however many there are.
 *
 * @param text digits of the number
 */
public record JsonNumber(String text) {

    @Override
    public String toString() {
        return text;
    }
}
