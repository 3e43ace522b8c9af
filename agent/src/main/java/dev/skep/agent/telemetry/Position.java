package dev.skep.agent.telemetry;

/**
 * How far the log of one container is spooled.
 *
 * @param read the end of the last physical line that was taken in
 * @param replay where the oldest unfinished line begins; the same as {@code read} when there is
 *     none
 * @param nextIndex the index of the next line
 */
record Position(String containerId, Mark read, Mark replay, long nextIndex) {

  /**
   * A place in one file. File systems hand a freed inode to the next file at once, so the inode
   * alone names nothing after a restart; {@code head} is a checksum of the file's first bytes,
   * which hold a time in nanoseconds.
   */
  record Mark(long inode, int head, long offset) {}
}
