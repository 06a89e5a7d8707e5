namespace P6bNative.Trainer.Data;

/// <summary>A member of a zip file as its central directory describes it.</summary>
/// <param name="Name">Name in the archive, e.g. <c>vectors.npy</c>.</param>
/// <param name="Method">0 stored, 8 deflated.</param>
/// <param name="Crc">CRC-32 of the content.</param>
/// <param name="CompressedSize">Bytes in the file.</param>
/// <param name="Size">Bytes of the content.</param>
/// <param name="HeaderOffset">Where its local header begins.</param>
internal sealed record ZipMember(string Name, int Method, uint Crc, long CompressedSize, long Size, long HeaderOffset)
{
    public const int Stored = 0;
    public const int Deflated = 8;

    public bool IsStored => Method == Stored;
}
