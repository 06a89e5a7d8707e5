using System.Runtime.InteropServices;

namespace P6bNative.Trainer.Data;

/// <summary>Takes the values of one array of an <see cref="NpzWriter"/>, in C order, in pieces of any size.</summary>
public sealed class NpyRowWriter : IDisposable
{
    private readonly NpzWriter _archive;
    private readonly ZipMember _member;
    private long _left;
    private uint _crc;

    internal NpyRowWriter(NpzWriter archive, ZipMember member)
    {
        _archive = archive;
        _member = member;
        _left = member.Size;
    }

    /// <summary>Appends values.</summary>
    /// <exception cref="InputException">The disk is full or fails.</exception>
    /// <exception cref="InvalidOperationException">More values than the shape has.</exception>
    public void Write(ReadOnlySpan<float> values) => WriteBytes(MemoryMarshal.AsBytes(values));

    /// <summary>Ends the array. Without all its values the file cannot be completed.</summary>
    public void Dispose()
    {
        if (_left == 0)
            _archive.End(_member with { Crc = _crc });
        _left = -1;
    }

    internal void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _left)
            throw new InvalidOperationException($"{_member.Name}: {bytes.Length} bytes more, but its shape leaves {Math.Max(0, _left)}.");
        _archive.Append(bytes);
        _crc = Crc32.Append(_crc, bytes);
        _left -= bytes.Length;
    }
}
