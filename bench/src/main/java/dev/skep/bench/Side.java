package dev.skep.bench;

/** One of the two that take turns. */
interface Side {
  String title();

  /** Makes the other side cause no work, and this one ready to do its own. */
  void prepare();

  /** Creates a service and returns as soon as it is accepted. */
  void create(String name);

  /** Has a service removed, some time. */
  void remove(String name);
}
