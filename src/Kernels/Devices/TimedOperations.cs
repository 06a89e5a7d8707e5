using System.Diagnostics;
using System.Reflection;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Devices;

/// <summary>
/// Adds the time of every call to a profile: for devices whose operations have run when their call returns. A proxy, so that a new operation
/// needs no line here; its call costs about a microsecond.
/// </summary>
internal class TimedOperations : DispatchProxy
{
    private IOperations? _operations;
    private DeviceProfile? _profile;

    /// <summary>Times <paramref name="operations"/>.</summary>
    public static IOperations Over(IOperations operations, DeviceProfile profile)
    {
        IOperations proxy = Create<IOperations, TimedOperations>();
        var timed = (TimedOperations)(object)proxy;
        (timed._operations, timed._profile) = (operations, profile);
        return proxy;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        long start = Stopwatch.GetTimestamp();
        object? result = targetMethod.Invoke(_operations, BindingFlags.DoNotWrapExceptions, null, args, null);
        _profile!.Add(targetMethod.Name, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        return result;
    }
}
