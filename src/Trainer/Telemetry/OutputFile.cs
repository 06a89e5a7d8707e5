namespace P6bNative.Trainer.Telemetry;

/// <summary>Opens files for writing; what the system refuses becomes a message that names the file.</summary>
internal static class OutputFile
{
    /// <summary>Opens the file without a buffer, readable by others while it is written.</summary>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static FileStream Open(string path, FileMode mode)
    {
        try
        {
            return new FileStream(path, mode, mode == FileMode.Append ? FileAccess.Write : FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"Cannot write {path}: {e.Message}", e);
        }
    }
}
