import type { ExtraTexts } from '../../i18n/i18n.ts';

/** What the scenarios say where the engine's own words depend on work that a browser cannot do. */
export const scenarioTexts: ExtraTexts = {
  en: {
    'scenario.phase.read': 'Reading {{what}}',
    'scenario.phase.follow': 'Following the libraries of {{program}}',
    'scenario.phase.index': 'Checking the signature of the package index',
    'scenario.note.signature':
      'Debian 13, glibc 2.41-12, signed by Debian Stable Release Key (13/trixie)',
    'scenario.note.packages_one': '{{count}} package',
    'scenario.note.packages_other': '{{count}} packages: libc6, libgcc-s1, libstdc++6',
    'scenario.step.images': 'Save before-images',
    'scenario.detail.images_one': '{{count}} file, {{size}}',
    'scenario.detail.images_other': '{{count}} files, {{size}}',
    'scenario.detail.release': 'Debian 13, glibc 2.41-12',
    'scenario.step.verify': 'Check that {{program}} starts',
    'scenario.checked.structure':
      'checked: interpreter, dynamic section and 11 tables inside their segments',
    'scenario.checked.simulation': 'checked: 4 libraries resolve, 0 versions missing',
    'scenario.undo.line': 'Restore one line',
    'scenario.undo.copy': 'Remove the copy of {{program}}',
    'scenario.undo.sandbox': 'Remove the private C library',
    'scenario.undo.whole': 'Restore {{program}}',
    'scenario.afterwards':
      'Afterwards {{program}} will fail again as it did before: GLIBC_2.38 missing.',
    'scenario.problem': 'GLIBC_2.38 was missing',
    'scenario.title.undo': 'Undo: Give {{program}} its own C library',
    'scenario.passed': 'Programs of editors and their libraries',
    'scenario.unchecked.title': 'Settings of VSCodium',
    'scenario.unchecked.reason': 'The settings file could not be read: needs permission.',
  },
  'zh-CN': {
    'scenario.phase.read': '正在读取 {{what}}',
    'scenario.phase.follow': '正在跟踪 {{program}} 的依赖库',
    'scenario.phase.index': '正在检查软件包索引的签名',
    'scenario.note.signature':
      'Debian 13，glibc 2.41-12，签名者 Debian Stable Release Key (13/trixie)',
    'scenario.note.packages_one': '{{count}} 个软件包',
    'scenario.note.packages_other': '{{count}} 个软件包：libc6、libgcc-s1、libstdc++6',
    'scenario.step.images': '保存修复前备份',
    'scenario.detail.images_one': '{{count}} 个文件，{{size}}',
    'scenario.detail.images_other': '{{count}} 个文件，{{size}}',
    'scenario.detail.release': 'Debian 13，glibc 2.41-12',
    'scenario.step.verify': '检查 {{program}} 能否启动',
    'scenario.checked.structure': '已检查：解释器、动态段和 11 个表均在其段内',
    'scenario.checked.simulation': '已检查：4 个库可解析，0 个版本缺失',
    'scenario.undo.line': '恢复一行',
    'scenario.undo.copy': '移除 {{program}} 的副本',
    'scenario.undo.sandbox': '移除私有 C 库',
    'scenario.undo.whole': '恢复 {{program}}',
    'scenario.afterwards': '之后 {{program}} 会像以前一样无法启动：缺少 GLIBC_2.38。',
    'scenario.problem': '缺少 GLIBC_2.38',
    'scenario.title.undo': '撤销：为 {{program}} 提供独立的 C 库',
    'scenario.passed': '编辑器的程序及其依赖库',
    'scenario.unchecked.title': 'VSCodium 的设置',
    'scenario.unchecked.reason': '无法读取设置文件：需要权限。',
  },
};
