using System.Runtime.InteropServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// What changes from step to step, in device memory: kernels read it there, so that a recorded launch sees each step's own values.
/// A slot belongs to one <see cref="RandomKey"/> or <see cref="AdamWSettings"/> for the life of the device.
/// </summary>
internal sealed class StepScalars(GpuDevice device)
{
    private const int FloatsPerSlot = 16, SlotsPerBlock = 256;

    private readonly Dictionary<object, Slot> _slots = new(ReferenceEqualityComparer.Instance);
    private readonly List<Slot> _all = [];
    private readonly List<Buffer> _blocks = [];
    private readonly uint[] _words = new uint[FloatsPerSlot];
    private readonly RandomKey _noKey = new();

    /// <summary>The two words of the key. Without a key: of one that nothing depends on.</summary>
    public View Of(RandomKey? key) => Current(key ?? _noKey);

    /// <summary>The elements that <see cref="AdamWKernels"/> names.</summary>
    public View Of(AdamWSettings settings) => Current(settings);

    /// <summary>Uploads what has changed since the last upload; called before a recording is replayed.</summary>
    public void Refresh()
    {
        foreach (Slot slot in _all)
            Refresh(slot);
    }

    private View Current(object owner)
    {
        if (!_slots.TryGetValue(owner, out Slot? slot))
        {
            slot = new Slot(owner, NextPlace());
            _slots.Add(owner, slot);
            _all.Add(slot);
        }

        // While a recording is made nothing may be copied: its replay begins with Refresh.
        if (!device.IsRecording)
            Refresh(slot);
        return slot.Place;
    }

    private View NextPlace()
    {
        int index = _all.Count % SlotsPerBlock;
        if (index == 0)
            _blocks.Add(device.Allocate(FloatsPerSlot * SlotsPerBlock));
        return _blocks[^1].All.Slice(index * FloatsPerSlot, FloatsPerSlot);
    }

    private void Refresh(Slot slot)
    {
        Span<uint> words = _words;
        switch (slot.Owner)
        {
            case RandomKey key when slot.IsNew || key.Value != slot.Key:
                slot.Key = key.Value;
                words[0] = (uint)key.Value;
                words[1] = (uint)(key.Value >> 32);
                break;
            case AdamWSettings settings when slot.IsNew || settings.Step != slot.Step || settings.LearningRate != slot.LearningRate:
                (slot.Step, slot.LearningRate) = (settings.Step, settings.LearningRate);
                AdamWKernels.Write(settings, MemoryMarshal.Cast<uint, float>(words));
                break;
            default:
                return;
        }

        slot.IsNew = false;
        device.Upload(MemoryMarshal.Cast<uint, float>(_words.AsSpan()), slot.Place);
    }

    private sealed class Slot(object owner, View place)
    {
        public object Owner { get; } = owner;

        public View Place { get; } = place;

        public bool IsNew { get; set; } = true;

        public ulong Key { get; set; }

        public long Step { get; set; }

        public double LearningRate { get; set; }
    }
}
