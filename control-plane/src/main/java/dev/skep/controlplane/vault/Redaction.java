package dev.skep.controlplane.vault;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Takes values out of texts, in the forms in which programs print them. Texts are bytes here, each
 * a character of Latin-1, so that nothing is lost of those that are no UTF-8.
 */
public final class Redaction {
  /** Nothing to take out. */
  public static final Redaction NONE = new Redaction(List.of());

  /** Shorter ones would turn up everywhere. */
  static final int MIN_LENGTH = 6;

  /** Of a line of a value with several: shorter ones are words such as "version: 1". */
  static final int MIN_LINE = 16;

  private static final int MAX_FORMS = 512;

  private final List<Form> forms;

  private record Form(String text, String instead) {}

  private Redaction(List<Form> forms) {
    this.forms = forms;
  }

  /** Of these values; the longest form goes first, so that no rest of it stays. */
  static Redaction of(List<ReleaseSecrets.Opened> secrets) {
    List<Form> forms = new ArrayList<>();
    for (ReleaseSecrets.Opened secret : secrets) {
      String instead =
          new String(("[secret " + secret.use().secret() + "]").getBytes(UTF_8), ISO_8859_1);
      secret
          .value()
          .ifPresent(value -> forms(value).forEach(text -> forms.add(new Form(text, instead))));
    }
    return forms.isEmpty()
        ? NONE
        : new Redaction(
            forms.stream()
                .sorted(Comparator.comparingInt((Form f) -> f.text.length()).reversed())
                .limit(MAX_FORMS)
                .toList());
  }

  private static Set<String> forms(SecretValue value) {
    String whole = new String(value.bytes(), ISO_8859_1);
    String bare = whole.replaceAll("^[ \\t\\r\\n]+|[ \\t\\r\\n]+$", "");
    Set<String> forms = new LinkedHashSet<>();
    if (bare.length() < MIN_LENGTH) {
      return forms;
    }
    forms.add(bare);
    for (String text : List.of(whole, bare)) {
      forms.add(unpadded(Base64.getEncoder(), text));
      forms.add(unpadded(Base64.getUrlEncoder(), text));
    }
    String encoded = URLEncoder.encode(new String(bare.getBytes(ISO_8859_1), UTF_8), UTF_8);
    forms.add(encoded);
    forms.add(encoded.replace("+", "%20"));
    if (bare.indexOf('\n') >= 0) {
      bare.lines().map(String::strip).filter(l -> l.length() >= MIN_LINE).forEach(forms::add);
    }
    return forms;
  }

  private static String unpadded(Base64.Encoder encoder, String text) {
    return encoder.withoutPadding().encodeToString(text.getBytes(ISO_8859_1));
  }

  public boolean isEmpty() {
    return forms.isEmpty();
  }

  /** The same array when nothing had to be taken out. */
  public byte[] bytes(byte[] text) {
    if (forms.isEmpty()) {
      return text;
    }
    String before = new String(text, ISO_8859_1);
    String after = before;
    for (Form form : forms) {
      after = after.replace(form.text, form.instead);
    }
    return after.equals(before) ? text : after.getBytes(ISO_8859_1);
  }

  public String text(String text) {
    return forms.isEmpty() ? text : new String(bytes(text.getBytes(UTF_8)), UTF_8);
  }

  @Override
  public String toString() {
    return "Redaction[" + forms.size() + " forms]";
  }
}
