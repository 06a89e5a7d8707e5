using System.Text;

namespace P6bNative.Trainer.Telemetry;

/// <summary>
/// Replaces a file as a whole: the content goes to a temporary file in the same folder, to the disk, and then takes the name. A process killed at
/// any instant leaves the old content or the new one.
/// </summary>
internal static class AtomicFile
{
    /// <summary>Writes <paramref name="path"/>; where <paramref name="write"/> throws, the old file stays.</summary>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = path + ".tmp";
        try
        {
            using (FileStream file = OutputFile.Open(temporary, FileMode.Create))
            using (var buffered = new BufferedStream(file, 1 << 16))
            {
                write(buffered);
                buffered.Flush();
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e)
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
            if (e is IOException or UnauthorizedAccessException)
                throw new InputException($"Cannot write {path}: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void WriteAllText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
}
