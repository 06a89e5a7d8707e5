using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Model;

/// <summary>
/// The layers of a <see cref="TransformerVectorPredictor"/> over the prefixes of a <see cref="PrefixTree"/>, one position at a time. What
/// depends on a place alone (its embedding, keys and values of the memory, the first layer's projections) is computed for places; the rest
/// for prefixes, whose keys and values of the layers stay for the longer ones; of the last layer, which is read at the last position alone,
/// its input.
/// </summary>
internal sealed class PrefixLayers : IDisposable
{
    private readonly VectorPredictorConfig _config;
    private readonly ParameterSet _parameters;
    private readonly PrefixTree _tree;
    private readonly Device _device;
    private readonly IOperations _operations;
    private readonly List<Buffer> _buffers = [];
    private readonly int _batch;
    private readonly int _d;
    private readonly float[] _numbers;

    private readonly MatrixView _vectors;
    private readonly MatrixView _embedded;
    private readonly MatrixView _table;
    private readonly MatrixView[] _memory;
    private readonly MatrixView[] _firstProjection;
    private readonly MatrixView[,] _memoryKeyValue;
    private readonly MatrixView[,] _keyValue;
    private readonly MatrixView[] _lastInput;
    private readonly MatrixView _results;

    // One batch of positions on its way through the layers.
    private readonly View _rows;
    private readonly MatrixView _query;
    private readonly View _gathered;
    private readonly View _probabilities;
    private readonly View _workspace;
    private readonly MatrixView _mixed;
    private readonly MatrixView _sum;
    private readonly MatrixView _hidden;
    private readonly View _mean;
    private readonly View _rstd;
    private readonly View _context;
    private readonly MatrixView[] _h;

    public PrefixLayers(VectorPredictorConfig config, ParameterSet parameters, PrefixTree tree, int batch)
    {
        (_config, _parameters, _tree, _device, _operations) = (config, parameters, tree, parameters.Device, parameters.Device.Operations);
        (_batch, _d) = (batch, config.ModelDimension);
        int length = config.ContextLength, width = config.InputDimension, places = tree.MostPlaces, prefixes = tree.MostPrefixes;
        _numbers = new float[batch];

        _vectors = Matrix(tree.MostVectors, width);
        _embedded = Matrix(tree.MostVectors, _d);
        _table = Matrix(length, _d);
        _device.Upload(Positions.Table(length, _d), _table.Data);
        _memory = [.. Enumerable.Range(0, length).Select(_ => Matrix(places, _d))];
        _firstProjection = [.. Enumerable.Range(0, length).Select(_ => Matrix(places, 3 * _d))];
        _memoryKeyValue = new MatrixView[length, Last];
        _keyValue = new MatrixView[length, Last];
        _lastInput = Last == 0 ? _memory : [.. Enumerable.Range(0, length).Select(_ => Matrix(prefixes, _d))];
        for (int at = 0; at < length; at++)
        {
            for (int layer = 0; layer < Last; layer++)
            {
                _memoryKeyValue[at, layer] = Matrix(places, 2 * _d);
                if (layer > 0)
                    _keyValue[at, layer] = Matrix(prefixes, 2 * _d);
            }
        }

        _results = Matrix(prefixes, width);
        _rows = Allocate(2L * length * batch);
        _query = Matrix(batch, _d);
        _gathered = Allocate((long)batch * length * 2 * _d);
        _probabilities = Allocate((long)batch * config.Heads * length);
        _workspace = Allocate(LastAttention(batch).Workspace(_d, _d));
        _mixed = Matrix(batch, _d);
        _sum = Matrix(batch, _d);
        _hidden = Matrix(batch, config.FeedForward);
        (_mean, _rstd) = (Allocate(batch), Allocate(batch));
        _context = HasSkips ? Allocate((long)batch * length * width) : default;
        _h = [Matrix(batch, _d), Matrix(batch, _d)];
    }

    /// <summary>Number of the last layer.</summary>
    private int Last => _config.Layers - 1;

    private bool HasSkips => _parameters.Layout.Contains(SlotSkips.ParameterName);

    /// <summary>Brings vectors [first, end) to the device and through the input projection.</summary>
    public void EmbedVectors(int first, int end)
    {
        if (end == first)
            return;
        MatrixView vectors = _vectors.SliceRows(first, end - first);
        _device.Upload(_tree.Numbers(first, end - first), vectors.Data);
        Linear(vectors, PredictorLayout.InputProjection, _embedded.SliceRows(first, end - first));
    }

    /// <summary>Computes what depends on the places [first, end) of a position alone.</summary>
    public void RunPlaces(int at, int first, int end)
    {
        for (; first < end; first += _batch)
        {
            int count = Math.Min(_batch, end - first);
            UploadRows(0, first, count, _tree.At(at).Vector);
            MatrixView embedded = _sum.SliceRows(0, count), memory = _memory[at].SliceRows(first, count);
            _operations.GatherRows(_embedded, Rows(0, count), embedded);
            _operations.AddPositionForward(embedded, _table.SliceRows(at, 1), memory);
            if (Last > 0)
                Project(memory, SelfAttention(0), 0, 3, _firstProjection[at].SliceRows(first, count));
            for (int layer = 0; layer < Last; layer++)
                Project(memory, CrossAttention(layer), 1, 2, _memoryKeyValue[at, layer].SliceRows(first, count));
        }
    }

    /// <summary>Computes the keys and values of the prefixes [first, end) that end at a position; of whole contexts the results.</summary>
    public void RunPrefixes(int at, int first, int end)
    {
        for (; first < end; first += _batch)
            RunBatch(at, first, Math.Min(_batch, end - first));
    }

    /// <summary>The results of the first whole contexts.</summary>
    public float[] Results(int count)
    {
        var results = new float[count * _results.Columns];
        _device.Download(_results.SliceRows(0, count).Data, results);
        return results;
    }

    public void Dispose()
    {
        foreach (Buffer buffer in _buffers)
            buffer.Dispose();
    }

    private void RunBatch(int at, int first, int count)
    {
        UploadChains(at, first, count);
        bool whole = at == _config.ContextLength - 1;
        MatrixView h = _h[0].SliceRows(0, count);
        _operations.GatherRows(_memory[at], Rows(at, count), h);
        for (int layer = 0; layer < Last; layer++)
            h = RunLayer(layer, at, first, count, h);
        if (whole)
            RunHead(first, count, RunLastLayer(count, h));
    }

    /// <summary>A layer that later positions read, too.</summary>
    private MatrixView RunLayer(int layer, int at, int first, int count, MatrixView h)
    {
        MatrixView query = _query.SliceRows(0, count);
        if (layer == 0)
        {
            _operations.GatherRows(_firstProjection[at].SliceColumns(0, _d), Rows(at, count), query);
        }
        else
        {
            Project(h, SelfAttention(layer), 1, 2, _keyValue[at, layer].SliceRows(first, count));
            Project(h, SelfAttention(layer), 0, 1, query);
        }

        for (int j = 0; j <= at; j++)
        {
            if (layer == 0)
                Gather(_firstProjection[j].SliceColumns(_d, 2 * _d), j, at, j, count);
            else
                Gather(_keyValue[j, layer], _config.ContextLength + j, at, j, count);
        }

        h = Attend(at, count, SelfAttention(layer), h, $"{PredictorLayout.Layer(layer)}.norm1");
        Project(h, CrossAttention(layer), 0, 1, query);
        for (int j = 0; j <= at; j++)
            Gather(_memoryKeyValue[j, layer], j, at, j, count);
        h = Attend(at, count, CrossAttention(layer), h, $"{PredictorLayout.Layer(layer)}.norm2");
        return FeedForward(layer, h, layer == Last - 1 ? _lastInput[at].SliceRows(first, count) : Free(h));
    }

    /// <summary>The last layer, of whole contexts.</summary>
    private MatrixView RunLastLayer(int count, MatrixView h)
    {
        int at = _config.ContextLength - 1;
        for (int j = 0; j <= at; j++)
            Gather(_lastInput[j], Last == 0 ? j : _config.ContextLength + j, at, j, count);
        h = AttendToInputs(count, SelfAttention(Last), h, $"{PredictorLayout.Layer(Last)}.norm1");
        for (int j = 0; j <= at; j++)
            Gather(_memory[j], j, at, j, count);
        h = AttendToInputs(count, CrossAttention(Last), h, $"{PredictorLayout.Layer(Last)}.norm2");
        return FeedForward(Last, h, Free(h));
    }

    /// <summary>The numbers of each prefix's places (rows 0 .. T − 1) and of the prefixes that it begins with (rows T .. 2T − 1).</summary>
    private void UploadChains(int at, int first, int count)
    {
        PrefixTree.Position position = _tree.At(at);
        for (int j = 0; j <= at; j++)
        {
            UploadRows(j, first, count, prefix => position.PlaceIn(prefix, j));
            UploadRows(_config.ContextLength + j, first, count, prefix => position.PrefixIn(prefix, j));
        }
    }

    /// <summary>Row numbers for <see cref="IOperations.GatherRows"/>: one for each of the items first .. first + count − 1.</summary>
    private void UploadRows(int row, int first, int count, Func<int, int> numberOf)
    {
        for (int i = 0; i < count; i++)
            _numbers[i] = numberOf(first + i);
        _device.Upload(_numbers.AsSpan(0, count), Rows(row, count));
    }

    /// <summary>LayerNorm(h + attention of the one query to the keys gathered).</summary>
    private MatrixView Attend(int at, int count, string attention, MatrixView h, string norm)
    {
        MatrixView keys = _gathered.AsMatrix(count * (at + 1), 2 * _d), mixed = _mixed.SliceRows(0, count);
        _operations.AttentionForward(
            new AttentionShape(count, _config.Heads, 1, at + 1), _query.SliceRows(0, count), keys.SliceColumns(0, _d), keys.SliceColumns(_d, _d),
            mixed, _probabilities.Slice(0, (long)count * _config.Heads * (at + 1)), Dropout.None);
        return AttentionEnd(mixed, attention, h, norm);
    }

    /// <summary>LayerNorm(h + attention of the last position to the inputs gathered).</summary>
    private MatrixView AttendToInputs(int count, string attention, MatrixView h, string norm)
    {
        MatrixView query = _query.SliceRows(0, count), mixed = _mixed.SliceRows(0, count);
        ProjectedAttentionShape shape = LastAttention(count);
        Project(h, attention, 0, 1, query);
        (MatrixView weight, View bias) = InProjection(attention, 1, 2);
        _operations.ProjectedAttentionForward(
            shape, query, _gathered.AsMatrix(count * shape.KeyLength, _d), weight, bias, mixed, _probabilities.Slice(0, shape.Probabilities),
            _workspace.Slice(0, shape.Workspace(_d, _d)), Dropout.None);
        return AttentionEnd(mixed, attention, h, norm);
    }

    private MatrixView AttentionEnd(MatrixView mixed, string attention, MatrixView h, string norm)
    {
        MatrixView sum = _sum.SliceRows(0, h.Rows);
        Linear(mixed, $"{attention}.out_proj", sum);
        return Norm(sum, h, norm, Free(h));
    }

    private MatrixView FeedForward(int layer, MatrixView h, MatrixView y)
    {
        string name = PredictorLayout.Layer(layer);
        MatrixView hidden = _hidden.SliceRows(0, h.Rows), sum = _sum.SliceRows(0, h.Rows);
        Linear(h, $"{name}.linear1", hidden);
        _operations.ReluDropoutForward(hidden, hidden, Dropout.None);
        Linear(hidden, $"{name}.linear2", sum);
        return Norm(sum, h, $"{name}.norm3", y);
    }

    /// <summary>y = LayerNorm(h + sum)</summary>
    private MatrixView Norm(MatrixView sum, MatrixView h, string name, MatrixView y)
    {
        _operations.DropoutResidualLayerNormForward(
            sum, h, _parameters.Value($"{name}.weight"), _parameters.Value($"{name}.bias"), sum, y,
            _mean.Slice(0, h.Rows), _rstd.Slice(0, h.Rows), Dropout.None);
        return y;
    }

    /// <summary>Room for the next h: where this one does not stand.</summary>
    private MatrixView Free(MatrixView h) => _h[h.Data.Buffer == _h[0].Data.Buffer ? 1 : 0].SliceRows(0, h.Rows);

    private void RunHead(int first, int count, MatrixView h)
    {
        MatrixView next = Free(h), sum = _sum.SliceRows(0, count);
        Linear(h, PredictorLayout.HeadHidden, next);
        _operations.GeluForward(next, sum);
        const string norm = PredictorLayout.HeadNorm;
        _operations.LayerNormForward(
            sum, _parameters.Value($"{norm}.weight"), _parameters.Value($"{norm}.bias"), next, _mean.Slice(0, count), _rstd.Slice(0, count));
        MatrixView raw = _results.SliceRows(first, count);
        Linear(next, PredictorLayout.HeadOutput, raw);
        if (HasSkips)
            AddSkips(raw, first, count);
    }

    private void AddSkips(MatrixView raw, int first, int count)
    {
        int length = _config.ContextLength, width = _config.InputDimension;
        MatrixView context = _context.AsMatrix(count * length, width);
        for (int j = 0; j < length; j++)
        {
            UploadRows(0, first, count, whole => _tree.At(j).Vector(_tree.At(length - 1).PlaceIn(whole, j)));
            View slot = context.Data.Slice((long)j * width, ((long)(count - 1) * length + 1) * width);
            _operations.GatherRows(_vectors, Rows(0, count), new MatrixView(slot, count, width, length * width));
        }

        _operations.SlotSkipsForward(raw, _parameters.Value(SlotSkips.ParameterName), context, raw);
    }

    /// <summary>The rows of position j of each prefix, by the numbers in <paramref name="row"/>: each prefix's at + 1 follow each other.</summary>
    private void Gather(MatrixView from, int row, int at, int j, int count)
    {
        int width = from.Columns, stride = (at + 1) * width;
        View data = _gathered.Slice((long)j * width, (long)(count - 1) * stride + width);
        _operations.GatherRows(from, Rows(row, count), new MatrixView(data, count, width, stride));
    }

    private ProjectedAttentionShape LastAttention(int count) => new(count, _config.Heads, _config.ContextLength);

    private View Rows(int row, int count) => _rows.Slice((long)row * _batch, count);

    private static string SelfAttention(int layer) => $"{PredictorLayout.Layer(layer)}.self_attn";

    private static string CrossAttention(int layer) => $"{PredictorLayout.Layer(layer)}.multihead_attn";

    private void Linear(MatrixView x, string name, MatrixView y) => _operations.MatMul(
        MatMulForm.NT, x, _parameters.Value($"{name}.weight").AsMatrix(y.Columns, x.Columns), y, _parameters.Value($"{name}.bias"), accumulate: false);

    private void Project(MatrixView x, string attention, int first, int count, MatrixView y)
    {
        (MatrixView weight, View bias) = InProjection(attention, first, count);
        _operations.MatMul(MatMulForm.NT, x, weight, y, bias, accumulate: false);
    }

    /// <summary>Parts [first, first + count) of the packed projection to query, key and value.</summary>
    private (MatrixView Weight, View Bias) InProjection(string attention, int first, int count) =>
        (_parameters.Value($"{attention}.in_proj_weight").AsMatrix(3 * _d, _d).SliceRows(first * _d, count * _d),
            _parameters.Value($"{attention}.in_proj_bias").Slice((long)first * _d, (long)count * _d));

    private MatrixView Matrix(int rows, int columns) => Allocate((long)rows * columns).AsMatrix(rows, columns);

    private View Allocate(long length)
    {
        Buffer buffer = _device.Allocate(length);
        _buffers.Add(buffer);
        return buffer.All;
    }
}
