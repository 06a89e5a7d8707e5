using System.Numerics.Tensors;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using P6bNative.Model;

namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>
/// The linear baseline. Its prediction is a sum over the slots, and the contexts of the 5CAT hold the same vectors again and again: each distinct
/// vector is multiplied once, by the weights of all slots, and a prediction adds up the products of its context.
/// </summary>
internal sealed class RidgePredictions : IPredictionSource, IDisposable
{
    private readonly Device _device;
    private readonly int _dimension;
    private readonly int _slots;
    private readonly DistinctVectors _vectors;
    private readonly List<int> _contexts = [];
    private readonly float[] _products;
    private readonly Kernels.Devices.Buffer _weights;
    private readonly Kernels.Devices.Buffer _deviceVectors;
    private readonly Kernels.Devices.Buffer _deviceProducts;
    private int _multiplied;

    /// <summary>Brings the weights onto a device, side by side for all slots.</summary>
    /// <param name="device">The device; must outlive this.</param>
    /// <param name="weights">W [T·D, D], row by row.</param>
    /// <param name="dimension">D.</param>
    /// <param name="most">Most vectors whose products are kept, at least T.</param>
    public RidgePredictions(Device device, ReadOnlySpan<double> weights, int dimension, int most)
    {
        (_device, _dimension, _slots) = (device, dimension, weights.Length / (dimension * dimension));
        _vectors = new DistinctVectors(dimension, most);
        _products = new float[most * Width];
        var sideBySide = new double[weights.Length];
        for (int input = 0; input < _slots * dimension; input++)
        {
            (int slot, int component) = Math.DivRem(input, dimension);
            weights.Slice(input * dimension, dimension).CopyTo(sideBySide.AsSpan(component * Width + slot * dimension));
        }

        _weights = device.Allocate(weights.Length);
        _deviceVectors = device.Allocate((long)most * dimension);
        _deviceProducts = device.Allocate(_products.Length);
        device.Upload(sideBySide, _weights.All);
    }

    private int Width => _slots * _dimension;

    public void Predict(ReadOnlySpan<float> contexts, ReadOnlySpan<float> truths, int count, Span<float> predictions)
    {
        int first = 0;
        for (int i = 0; i < count; i++)
        {
            if (_vectors.Count + _slots > _vectors.Most)
            {
                AddUp(predictions.Slice(first * _dimension, (i - first) * _dimension));
                _vectors.Clear();
                (_multiplied, first) = (0, i);
            }

            for (int slot = 0; slot < _slots; slot++)
                _contexts.Add(_vectors.NumberOf(contexts.Slice((i * _slots + slot) * _dimension, _dimension)));
        }

        AddUp(predictions[(first * _dimension)..]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _weights.Dispose();
        _deviceVectors.Dispose();
        _deviceProducts.Dispose();
    }

    private void AddUp(Span<float> predictions)
    {
        if (_multiplied < _vectors.Count) MultiplyNew();
        predictions.Clear();
        for (int i = 0; i < _contexts.Count; i++)
        {
            Span<float> sum = predictions.Slice(i / _slots * _dimension, _dimension);
            TensorPrimitives.Add(sum, _products.AsSpan(_contexts[i] * Width + i % _slots * _dimension, _dimension), sum);
        }

        _contexts.Clear();
    }

    private void MultiplyNew()
    {
        int added = _vectors.Count - _multiplied;
        MatrixView vectors = _deviceVectors.All.Slice(0, (long)added * _dimension).AsMatrix(added, _dimension);
        MatrixView products = _deviceProducts.All.Slice(0, (long)added * Width).AsMatrix(added, Width);
        _device.Upload(_vectors.Numbers(_multiplied, added), vectors.Data);
        _device.Operations.MatMul(MatMulForm.NN, vectors, _weights.All.AsMatrix(_dimension, Width), products, default, accumulate: false);
        _device.Download(products.Data, _products.AsSpan(_multiplied * Width, added * Width));
        _multiplied = _vectors.Count;
    }
}
