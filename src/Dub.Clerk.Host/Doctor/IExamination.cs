namespace Dub.Clerk.Host.Doctor;

/// <summary>Looks at one subject.</summary>
internal interface IExamination
{
    /// <summary>As it heads the list.</summary>
    string Subject { get; }

    /// <summary>Throws only when it is cancelled.</summary>
    Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken);
}
