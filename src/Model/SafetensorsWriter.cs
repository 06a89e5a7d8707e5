using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using P6bNative.Kernels.Devices;

namespace P6bNative.Model;

/// <summary>Copies elements [start, start + destination.Length) of a tensor that is being written.</summary>
public delegate void SafetensorsReader(long start, Span<float> destination);

/// <summary>A tensor to be written, as F32.</summary>
/// <param name="Name">Key in the header.</param>
/// <param name="Shape">Dimensions.</param>
/// <param name="Read">Gives the elements, piece by piece.</param>
public sealed record SafetensorsSource(string Name, IReadOnlyList<long> Shape, SafetensorsReader Read)
{
    /// <summary>Number of elements.</summary>
    public long Length => Shape.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>A tensor in device memory.</summary>
    public static SafetensorsSource FromDevice(string name, IReadOnlyList<long> shape, Device device, View view) =>
        new(name, shape, (start, destination) => device.Download(view.Slice(start, destination.Length), destination));

    /// <summary>A tensor in host memory.</summary>
    public static SafetensorsSource FromMemory(string name, IReadOnlyList<long> shape, ReadOnlyMemory<float> elements) =>
        new(name, shape, (start, destination) => elements.Span.Slice((int)start, destination.Length).CopyTo(destination));
}

/// <summary>Writes safetensors files.</summary>
public static class SafetensorsWriter
{
    private const int ChunkElements = 1 << 16;

    /// <summary>
    /// Writes a file atomically: into a temporary file of the same folder, flushed to the disk, then renamed over the target. Whatever
    /// happens, the target is the old file or the new one, whole.
    /// </summary>
    /// <param name="path">The target.</param>
    /// <param name="tensors">In the order in which they are stored; names must differ.</param>
    /// <param name="metadata">Strings for <c>__metadata__</c>; null for none.</param>
    /// <exception cref="SafetensorsException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<SafetensorsSource> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                WriteHeader(stream, tensors, metadata);
                foreach (SafetensorsSource tensor in tensors)
                    WriteElements(stream, tensor);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception)
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
            if (exception is IOException or UnauthorizedAccessException)
                throw new SafetensorsException($"{path}: cannot be written: {SafetensorsHeader.OneLine(exception.Message)}", exception);
            throw;
        }
    }

    private static void WriteHeader(FileStream stream, IReadOnlyList<SafetensorsSource> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            if (metadata is not null)
                WriteMetadata(json, metadata);
            long position = 0;
            foreach (SafetensorsSource tensor in tensors)
            {
                WriteEntry(json, tensor, position);
                position += tensor.Length * sizeof(float);
            }

            json.WriteEndObject();
        }

        // Spaces up to a multiple of 8, so that the data can be memory-mapped.
        int padding = -bytes.WrittenCount & 7;
        bytes.GetSpan(padding)[..padding].Fill((byte)' ');
        bytes.Advance(padding);
        Span<byte> prefix = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, bytes.WrittenCount);
        stream.Write(prefix);
        stream.Write(bytes.WrittenSpan);
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject("__metadata__");
        foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, SafetensorsSource tensor, long position)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", "F32");
        json.WriteStartArray("shape");
        foreach (long dimension in tensor.Shape)
            json.WriteNumberValue(dimension);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(position);
        json.WriteNumberValue(position + tensor.Length * sizeof(float));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteElements(FileStream stream, SafetensorsSource tensor)
    {
        var chunk = new float[Math.Min(ChunkElements, tensor.Length)];
        for (long start = 0; start < tensor.Length; start += chunk.Length)
        {
            Span<float> part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, tensor.Length - start));
            tensor.Read(start, part);
            stream.Write(MemoryMarshal.AsBytes(part));
        }
    }
}
