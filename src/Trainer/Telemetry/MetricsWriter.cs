using System.Buffers;
using System.Text.Json;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Telemetry;

/// <summary>
/// Writes metrics.jsonl: a JSON object per logged step, doubles in full precision, NaN and infinities as null. <c>rho</c> is ρ before the cap and
/// <c>rho_capped</c> ρ after it. Every record is handed to the system at once, so a killed run loses none.
/// </summary>
internal sealed class MetricsWriter : IDisposable
{
    private readonly FileStream _file;
    private readonly ArrayBufferWriter<byte> _line = new(512);
    private readonly Utf8JsonWriter _json;

    private MetricsWriter(FileStream file)
    {
        _file = file;
        _json = new Utf8JsonWriter(_line);
    }

    /// <summary>Starts a new file; one of that name is replaced.</summary>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static MetricsWriter Create(string path) => new(OutputFile.Open(path, FileMode.Create));

    /// <summary>Goes on with a file: records after the step, and a last one that a kill left half written, are cut off.</summary>
    /// <param name="path">The file; made where it is missing.</param>
    /// <param name="lastStep">The step that the run resumes from.</param>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static MetricsWriter Resume(string path, long lastStep)
    {
        FileStream file = OutputFile.Open(path, FileMode.OpenOrCreate);
        var content = new byte[file.Length];
        file.ReadExactly(content);
        file.SetLength(LengthThrough(content, lastStep));
        file.Seek(0, SeekOrigin.End);
        return new MetricsWriter(file);
    }

    /// <summary>Appends a record.</summary>
    public void Write(in StepRecord record)
    {
        StepReport r = record.Report;
        _line.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteNumber("step"u8, record.Step);
        _json.WriteNumber("epoch"u8, record.Epoch);
        Number("loss"u8, r.Loss);
        Number("mse"u8, r.Mse);
        Number("dir"u8, r.Dir);
        Number("lambda_eff"u8, r.LambdaEff);
        Number("rho"u8, r.Rho);
        Number("rho_capped"u8, r.RhoCapped);
        Number("pos"u8, r.Pos);
        Number("neg"u8, r.Neg);
        Number("gap"u8, r.Gap);
        Number("ratio"u8, r.Ratio);
        Number("floor"u8, r.Floor);
        Number("norm_penalty"u8, r.NormPenalty);
        Number("frac"u8, r.Fraction);
        Number("margin_gap"u8, r.MarginGap);
        _json.WriteBoolean("skip"u8, r.Skip);
        Number("gradient_ratio"u8, r.GradientRatio);
        Number("pressure"u8, r.Pressure);
        Number("pressure_limit"u8, r.PressureLimit);
        Number("grad_norm"u8, record.GradientNorm);
        Number("raw_norm"u8, r.RawNorm);
        Number("lr"u8, record.LearningRate);
        Number("ms"u8, record.Milliseconds);
        _json.WriteEndObject();
        _json.Flush();
        _line.Write("\n"u8);
        _file.Write(_line.WrittenSpan);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _json.Dispose();
        _file.Dispose();
    }

    private void Number(ReadOnlySpan<byte> key, double value)
    {
        if (double.IsFinite(value))
            _json.WriteNumber(key, value);
        else
            _json.WriteNull(key);
    }

    private static long LengthThrough(ReadOnlySpan<byte> content, long lastStep)
    {
        int length = 0;
        while (true)
        {
            int end = content[length..].IndexOf((byte)'\n');
            if (end < 0 || StepOf(content.Slice(length, end)) is not long step || step > lastStep)
                return length;
            length += end + 1;
        }
    }

    private static long? StepOf(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            return JsonElement.TryParseValue(ref reader, out JsonElement? record) && record.Value.TryGetProperty("step"u8, out JsonElement step)
                && step.TryGetInt64(out long value) ? value : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
